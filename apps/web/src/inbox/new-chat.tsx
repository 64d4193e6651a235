import type { User } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { paths } from '../app/paths.ts'
import { useCalls, useMe } from '../client/device-context.ts'
import { Avatar } from '../design/avatar.tsx'
import { Dialog } from '../design/dialog.tsx'
import { TextField } from '../design/text-field.tsx'
import { useWords } from '../words/words.ts'

/** ms after the last letter, so that not every letter asks the server. */
const pause = 250

/** Finds somebody by username and opens the chat with them. */
export function NewChat({ open, onClose }: { open: boolean; onClose: () => void }) {
  const words = useWords()
  return (
    <Dialog open={open} onClose={onClose} title={words.inbox.newChat}>
      <FindPeople onDone={onClose} />
    </Dialog>
  )
}

function FindPeople({ onDone }: { onDone: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const me = useMe()
  const [, go] = useLocation()
  const [query, setQuery] = useState('')
  const [found, setFound] = useState<User[]>()
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const wanted = query.trim().toLowerCase()
    setFound(undefined)
    setFailed(false)
    if (wanted.length === 0) return
    const over = new AbortController()
    const timer = setTimeout(() => {
      calls.account
        .findUsers(wanted, { signal: over.signal })
        .then((users) => setFound(users.filter(({ id }) => id !== me)))
        .catch(() => over.signal.aborted || setFailed(true))
    }, pause)
    return () => {
      clearTimeout(timer)
      over.abort()
    }
  }, [calls, me, query])
  const start = async (user: User) => {
    try {
      const id = await calls.direct(user.id)
      onDone()
      go(paths.conversation(id))
    } catch {
      setFailed(true)
    }
  }
  return (
    <div className="flex min-h-72 flex-col gap-2">
      <TextField
        label={words.inbox.findPeople}
        value={query}
        onChange={({ target }) => setQuery(target.value)}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        error={failed ? words.accounts.offline : undefined}
      />
      <ul aria-label={words.inbox.people}>
        {found?.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              onClick={() => void start(user)}
              className="flex w-full items-center gap-3 rounded-xl p-2 text-left hover:bg-hover"
            >
              <Avatar name={user.displayName} id={user.id} />
              <span className="flex min-w-0 flex-col">
                <bdi className="truncate font-semibold">{user.displayName}</bdi>
                <span className="truncate text-sm text-muted">@{user.username}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {found?.length === 0 && <p className="p-2 text-muted">{words.inbox.nobody}</p>}
    </div>
  )
}
