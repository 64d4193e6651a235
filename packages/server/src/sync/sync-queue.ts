import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { Place, QueuePosition } from './place.ts'

/** What a queue row says: look at these entries of a log, or this small update. */
export type Pointer =
  | { kind: 'entries'; conversation: ConversationId; from: number; to: number }
  /** A complete Update as JSON: receipts, read, settings, hidden, star, cleared, device. */
  | { kind: 'update'; update: string }

export interface QueueRow {
  position: QueuePosition
  /** A cursor here has everything before this row and nothing of it. */
  before: QueuePosition
  pointer: Pointer
}

export interface QueuePage {
  rows: readonly QueueRow[]
  /** Where to read on; equal to `after` when nothing was found. */
  next: QueuePosition
  /** False when the page was full, so there may be more behind it. */
  complete: boolean
}

export interface DeviceCursor {
  device: DeviceId
  user: UserId
  position: QueuePosition
  /** Newest message acknowledged, as told by `Device.lastSeenMessageId`. */
  lastSeenMessageId: string | undefined
}

/** For queues where a row may be found among rows that were read before it was visible. */
export interface Lateness {
  /** Milliseconds: a row is visible to every read that begins so long after the row's time. */
  readonly within: number
  /** Every row up to here is visible to a read that begins now. @throws AppError `unavailable`: the time is not known */
  settled(): QueuePosition
  /** No row lies behind here yet. */
  latest(): QueuePosition
}

/**
 * Port: one queue per user, read by each device with its own cursor.
 *
 * Guarantee: an append (`ConversationLog.append` or `put`) that completed before a read began is returned by that read
 * or by one before it on the same chain of cursors; at least once; in seq order of each conversation. Where rows may be
 * late, a read that begins when a row was seen finds all rows of its conversation before it.
 * A chain of cursors goes on from the end of a page where rows are never late. Else from `settled()` as it was before the
 * first page of a read, once the read was complete; so it finds again what lies above (late-progress.ts).
 * Rows live at least 30 days.
 */
export interface SyncQueue {
  /** undefined: rows become visible in the order of their positions, and `follows` can tell that nothing lies between. */
  readonly late: Lateness | undefined
  /** Rows behind `after`, in order; undefined: something behind it is kept no more. */
  read(user: UserId, after: QueuePosition, limit: number): Promise<QueuePage | undefined>
  /** The end of the queue now: a cursor here gets what is appended from now on (and, if late, some from before). */
  head(user: UserId): Promise<QueuePosition>
  /** Appends small updates (Update as JSON), durable when it resolves. Repeating it appends again, harmlessly. */
  put(updates: readonly { user: UserId; update: string }[]): Promise<Place[]>
  /** True when a cursor at `position` that is handed the row at `place` has missed nothing between them. Pure. */
  follows(position: QueuePosition, place: QueuePosition): boolean
  /** Order of two positions of one queue: negative, 0, positive. Pure. */
  compare(a: QueuePosition, b: QueuePosition): number
  /** False for text that is not a position of this adapter. Pure. */
  isPosition(text: string): boolean
  /** Forward only for each device: an older position changes nothing. May reach the disk up to 1 s late. */
  saveCursors(cursors: readonly DeviceCursor[]): Promise<void>
  cursors(user: UserId): Promise<DeviceCursor[]>
  removeCursor(user: UserId, device: DeviceId): Promise<void>
  /**
   * Removes rows older than `before` (ms), never the newest row of a user; returns how many, at most `limit`.
   * Nothing to do where rows expire by themselves.
   */
  trim(before: number, limit: number): Promise<number>
}
