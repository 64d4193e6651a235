import { ParleyError } from '@parley/client'
import { useState } from 'react'
import { forgetClaim } from '../app/claim.ts'
import { useCalls, useSession } from '../client/device-context.ts'
import { Button } from '../design/button.tsx'
import { useWords } from '../words/words.ts'
import { Card } from './frame.tsx'

/** Whoever opened the link that the server printed, logged in. */
export function Claim({ token, done }: { token: string; done: () => void }) {
  const words = useWords()
  const calls = useCalls()
  const session = useSession()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const claim = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await calls.admin.claim(token)
      forgetClaim()
      done()
    } catch (failure) {
      const refused = failure instanceof ParleyError && failure.code === 'forbidden'
      if (refused) forgetClaim()
      setError(refused ? words.admin.claimRefused : failure instanceof Error ? failure.message : words.admin.failed)
      setBusy(false)
    }
  }
  return (
    <div className="mx-auto max-w-112">
      <Card title={words.admin.claimTitle}>
        <div className="flex flex-col gap-4">
          <p>{words.admin.claimHint}</p>
          <p className="min-w-0 truncate rounded-xl bg-accent-soft p-3 font-semibold">
            <bdi>{session?.user.displayName}</bdi> <span className="text-muted">@{session?.user.username}</span>
          </p>
          {error && (
            <p role="alert" className="text-danger">
              {error}
            </p>
          )}
          <Button busy={busy} onClick={() => void claim()}>
            {words.admin.claim}
          </Button>
        </div>
      </Card>
    </div>
  )
}
