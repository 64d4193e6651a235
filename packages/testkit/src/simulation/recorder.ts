import type { Observation, Observe } from '@parley/client'
import type { History } from '../history/history.ts'
import type { HistoryRecord } from '../history/record.ts'

/** Events that a socket's window, or a page of the long poll, may hold. */
const window = 256

/** Writes down what one client of a device does, in the words of the history. */
export function recorder(history: History, of: { user: string; device: string }): Observe {
  const sessions = new Map<number, number>()
  const sessionOf = (number: number): number => {
    let session = sessions.get(number)
    if (session === undefined) {
      session = history.nextSession()
      sessions.set(number, session)
    }
    return session
  }
  const recordOf = (observed: Observation): HistoryRecord => {
    switch (observed.type) {
      case 'hello':
        return { ...of, type: 'hello', session: sessionOf(observed.session), cursor: observed.cursor }
      case 'welcome':
      case 'event':
      case 'live':
      case 'acked': {
        const session = sessionOf(observed.session)
        if (observed.type === 'welcome') return { ...of, ...observed, session, window }
        return { ...of, ...observed, session }
      }
      case 'sent': {
        // Also over HTTP a device sends the next one when the one before is answered.
        const { via: _, ...sent } = observed
        return { ...of, ...sent }
      }
      default:
        return { ...of, ...observed }
    }
  }
  return (observed) => history.add(recordOf(observed))
}
