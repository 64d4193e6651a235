import type { UserId } from '@parley/protocol'

/** Position of a row on one user's queue, as the adapter writes it. Only the adapter looks inside. No '.' or '~'. */
export type QueuePosition = string

/** Where a row landed on a user's queue. */
export interface Place {
  user: UserId
  position: QueuePosition
}
