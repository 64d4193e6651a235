import { closeCode, shouldReconnect } from '@parley/protocol'
import type { Random } from '../lib/environment.ts'
import { ParleyError } from '../lib/errors.ts'
import type { Ended } from './socket-session.ts'
import type { ClosedReason } from './state.ts'

/** What to do after a way ended. */
export type Next =
  | { do: 'close'; reason: ClosedReason }
  /** `delay` undefined: back-off decides. `moved`: to the server that is allocated then. */
  | { do: 'retry'; delay: number | undefined; moved?: true }

/** After a socket's end (rules K2, K3). */
export function afterSocket({ code, bye, error }: Ended, random: Random): Next {
  if (!shouldReconnect(code)) return { do: 'close', reason: reasonOf(code) }
  if (bye && !bye.reconnect) return { do: 'close', reason: 'refused' }
  const moved = bye?.url !== undefined || code === closeCode.moved ? { moved: true as const } : {}
  if (bye) return { do: 'retry', delay: bye.after + Math.floor(random.float() * bye.spread), ...moved }
  return { do: 'retry', delay: error?.retryAfter, ...moved }
}

/** After a call that failed. */
export function afterError(error: unknown): Next {
  if (error instanceof ParleyError && error.code === 'unauthenticated')
    return { do: 'close', reason: 'unauthenticated' }
  return { do: 'retry', delay: error instanceof ParleyError ? error.retryAfter : undefined }
}

function reasonOf(code: number): ClosedReason {
  switch (code) {
    case closeCode.unauthenticated:
      return 'unauthenticated'
    case closeCode.loggedOut:
      return 'logged-out'
    case closeCode.protocol:
      return 'protocol'
    case closeCode.accountDeleted:
      return 'account-deleted'
    case closeCode.takenOver:
      return 'taken-over'
    default:
      return 'refused'
  }
}
