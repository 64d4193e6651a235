import type { ConnectionState } from '@parley/client'
import { useEffect, useState } from 'react'
import { useConnection } from '../client/device-context.ts'
import { OfflineIcon } from '../design/icons.tsx'
import { Spinner } from '../design/spinner.tsx'
import { useWords, type Words } from '../words/words.ts'

/** ms for which a connection may take to come without a word about it. */
const patience = 800

function textOf(state: ConnectionState, words: Words): string | undefined {
  switch (state.status) {
    case 'live':
      return undefined
    case 'connecting':
    case 'greeting':
      return words.app.connecting
    case 'catching-up':
      return words.app.catchingUp
    case 'waiting':
      return words.app.waiting
    case 'closed':
      return state.reason === 'new'
        ? words.app.connecting
        : state.reason === 'taken-over'
          ? words.app.takenOver
          : words.app.closed
  }
}

/** Says when there is no connection, and nothing when there is one. */
export function ConnectionBar() {
  const words = useWords()
  const state = useConnection()
  const text = textOf(state, words)
  const [late, setLate] = useState(false)
  const quiet = text === undefined
  useEffect(() => {
    if (quiet) return setLate(false)
    const timer = setTimeout(() => setLate(true), patience)
    return () => clearTimeout(timer)
  }, [quiet])
  return (
    <div role="status" className="empty:hidden">
      {text !== undefined && late && (
        <p className="flex items-center gap-2 bg-accent-soft px-4 py-2 text-sm">
          {state.status === 'waiting' || state.status === 'closed' ? <OfflineIcon size={18} /> : <Spinner small />}
          {text}
        </p>
      )}
    </div>
  )
}
