import type { AuditEntry } from '@parley/protocol'
import { useCalls } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { EmptyState } from '../design/empty-state.tsx'
import { useLanguage, useWords } from '../words/words.ts'
import { formatTime } from './numbers.ts'
import { usePages } from './use-pages.ts'
import { Waiting } from './waiting.tsx'

/** What operators did, the newest first. */
export function Audit() {
  const words = useWords()
  const calls = useCalls()
  const pages = usePages<AuditEntry>((cursor) =>
    calls.admin.audit({ limit: 50, ...(cursor !== undefined && { cursor }) }),
  )
  if (pages.is !== 'ready') return <Waiting answer={pages} again={pages.again} />
  if (pages.items.length === 0) return <EmptyState title={words.admin.noAudit} />
  return (
    <div className="flex flex-col gap-3">
      <ol className="overflow-hidden rounded-2xl bg-surface shadow-raised">
        {pages.items.map((entry) => (
          <Deed key={entry.id} entry={entry} />
        ))}
      </ol>
      {pages.more && (
        <Button kind="quiet" busy={pages.busy} onClick={() => void pages.next()} className="self-center">
          {words.admin.moreAudit}
        </Button>
      )}
    </div>
  )
}

function Deed({ entry }: { entry: AuditEntry }) {
  const words = useWords()
  const language = useLanguage()
  const by = entry.by ? `@${entry.by.username}` : words.admin.commandLine
  const user = entry.user ? `@${entry.user.username}` : ''
  return (
    <li className="flex flex-col gap-0.5 border-line border-b px-4 py-3 last:border-b-0 wide:flex-row wide:gap-4">
      <time dateTime={new Date(entry.at).toISOString()} className="shrink-0 text-sm text-muted tabular-nums wide:w-44">
        {formatTime(entry.at, language)}
      </time>
      <div className="min-w-0">
        <p className="break-words">{words.admin.deeds[entry.action](by, user)}</p>
        {entry.reason && (
          <p dir="auto" className="break-words text-sm text-muted">
            {entry.reason}
          </p>
        )}
      </div>
    </li>
  )
}
