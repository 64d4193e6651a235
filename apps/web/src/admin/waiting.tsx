import { OfflineError, ParleyError } from '@parley/client'
import { Button } from '../design/button.tsx'
import { EmptyState } from '../design/empty-state.tsx'
import { Spinner } from '../design/spinner.tsx'
import { useWords } from '../words/words.ts'

/** In place of what is not there yet, or cannot be had. */
export function Waiting({
  answer,
  again,
}: {
  answer: { is: 'loading' } | { is: 'failed'; error: unknown }
  again: () => Promise<void>
}) {
  const words = useWords()
  if (answer.is === 'loading') {
    return (
      <div className="flex min-h-48 items-center justify-center text-muted">
        <Spinner label={words.admin.loading} />
      </div>
    )
  }
  const { error } = answer
  if (error instanceof ParleyError && error.code === 'not_found') return <EmptyState title={words.admin.gone} />
  return (
    <EmptyState
      title={words.admin.failed}
      action={
        <Button kind="quiet" onClick={() => void again()}>
          {words.app.retry}
        </Button>
      }
    >
      {error instanceof OfflineError ? words.admin.offline : error instanceof Error ? error.message : undefined}
    </EmptyState>
  )
}
