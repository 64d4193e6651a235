import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { QueuePosition } from '../sync/place.ts'

/** Something a device may have to be told of: at most one for a device and a conversation. */
export interface PushJob {
  user: UserId
  device: DeviceId
  conversation: ConversationId
  /** The newest message that notifies. */
  seq: number
  /** Its place on the user's sync queue. */
  position: QueuePosition
  /** Some message since the last notification mentions the user. */
  mentioned: boolean
  /** When it is to be looked at, ms since the epoch. */
  dueAt: number
}

/** A job that one notifier has for itself for a while. */
export interface ClaimedJob extends PushJob {
  /** The device shows a notification up to this message; 0: none. */
  shown: number
  /** Failed tries since the last that went well. */
  tries: number
  /** Tells this claim from a later one. */
  claim: number
}

/** What became of a claimed job. */
export type Settlement = Pick<ClaimedJob, 'user' | 'device' | 'conversation' | 'seq' | 'claim'> &
  (
    | { result: 'shown' }
    | { result: 'withdrawn' }
    /** There was nothing to tell; what is shown stays. */
    | { result: 'nothing' }
    /** Looked at again then; a failed try unless it only waits. */
    | { result: 'later'; at: number; failed: boolean }
  )

export interface PushQueueState {
  /** Jobs whose time has come. */
  due: number
  /** When the first of them was due, ms since the epoch. */
  oldest: number | undefined
}

/**
 * Port: the durable queue of notifications, shared by any number of notifiers.
 *
 * Durability: what resolved survives. Idempotency: adding again merges, settling again changes nothing.
 * Exclusion: a claimed job is given to nobody else until its lease ends; then it is due again, so that a notifier that
 * died between the push service and the settlement sends a second time, under the same collapse key.
 * A message that comes while its job is claimed is not lost: the settlement leaves the job due.
 */
export interface PushQueue {
  /** The earlier time, the later message, and a mention of either stay. */
  add(jobs: readonly PushJob[]): Promise<void>
  /** The user has read up to `seq`: what is shown up to there becomes due at `now`, to be withdrawn. */
  read(marks: readonly { user: UserId; conversation: ConversationId; seq: number }[], now: number): Promise<void>
  /** Jobs due at `now`, the earliest first, leased for `lease` ms. */
  claim(now: number, limit: number, lease: number): Promise<ClaimedJob[]>
  settle(settlements: readonly Settlement[]): Promise<void>
  /** The device is gone, or its registration. */
  forget(user: UserId, device: DeviceId): Promise<void>
  /**
   * Jobs that show something and are not due, of at most `limit` behind `after`, in some lasting order; for finding those
   * that were read meanwhile. `next` undefined: that was the end.
   */
  shown(after: string | undefined, limit: number): Promise<{ jobs: PushJob[]; next: string | undefined }>
  state(now: number): Promise<PushQueueState>
  /** Where to look from for what was never noted, as it was kept last. */
  position(): Promise<string | undefined>
  keepPosition(position: string): Promise<void>
}
