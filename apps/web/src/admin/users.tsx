import type { AdminUser } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { useCalls } from '../client/device-context.ts'
import { Avatar } from '../design/avatar.tsx'
import { Button } from '../design/button.tsx'
import { EmptyState } from '../design/empty-state.tsx'
import { TextField } from '../design/text-field.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import { sections } from './frame.tsx'
import { formatDate } from './numbers.ts'
import { usePages } from './use-pages.ts'
import { Waiting } from './waiting.tsx'

const pause = 200

/** Everybody, by the beginning of their username. */
export function Users() {
  const words = useWords()
  const calls = useCalls()
  const [typed, setTyped] = useState('')
  const [query, setQuery] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), pause)
    return () => clearTimeout(timer)
  }, [typed])
  const pages = usePages<AdminUser>(
    (cursor) => calls.admin.users({ query, limit: 50, ...(cursor !== undefined && { cursor }) }),
    query,
  )
  return (
    <div className="flex flex-col gap-3">
      <TextField
        label={words.admin.search}
        type="search"
        value={typed}
        autoCapitalize="none"
        spellCheck={false}
        onChange={({ target }) => setTyped(target.value)}
      />
      {pages.is !== 'ready' ? (
        <Waiting answer={pages} again={pages.again} />
      ) : pages.items.length === 0 ? (
        <EmptyState title={words.admin.noUsers}>{words.admin.noUsersHint}</EmptyState>
      ) : (
        <>
          <ul className="overflow-hidden rounded-2xl bg-surface shadow-raised">
            {pages.items.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </ul>
          {pages.more && (
            <Button kind="quiet" busy={pages.busy} onClick={() => void pages.next()} className="self-center">
              {words.admin.moreUsers}
            </Button>
          )}
        </>
      )}
    </div>
  )
}

function UserRow({ user }: { user: AdminUser }) {
  const language = useLanguage()
  const words = useWords()
  return (
    <li className="border-line border-b last:border-b-0">
      <Link
        href={`${sections.users}/${encodeURIComponent(user.id)}`}
        className="flex min-h-16 items-center gap-3 px-4 py-2 -outline-offset-2 hover:bg-hover"
      >
        <Avatar name={user.displayName} id={user.id} size="medium" />
        <span className="flex min-w-0 flex-1 flex-col">
          <bdi className="truncate font-semibold" title={user.displayName}>
            {user.displayName}
          </bdi>
          <span className="truncate text-sm text-muted">@{user.username}</span>
        </span>
        <span className="flex shrink-0 flex-col items-end gap-1">
          <Badges user={user} />
          <span className="hidden text-sm text-muted wide:block">
            {words.admin.joined(formatDate(user.createdAt, language))}
          </span>
        </span>
      </Link>
    </li>
  )
}

export function Badges({ user }: { user: AdminUser }) {
  const words = useWords()
  return (
    <>
      {user.operator && (
        <span className="rounded-full bg-accent-soft px-2 py-0.5 text-xs font-semibold text-link">
          {words.admin.operator}
        </span>
      )}
      {user.suspended && (
        <span className="rounded-full bg-danger-soft px-2 py-0.5 text-xs font-semibold text-danger">
          {words.admin.suspended}
        </span>
      )}
    </>
  )
}
