import type { UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import type { QueuePosition } from './place.ts'
import type { DeviceCursor, Pointer } from './sync-queue.ts'

/** A row of a queue whose positions are dense, on the way to another store. */
export interface MovedRow {
  position: QueuePosition
  pointer: Pointer
  /** When it was written, ms. */
  at: number
}

/** What lies on a user's queue behind a position. */
export interface MovedQueue {
  user: UserId
  /** Ascending. */
  rows: readonly MovedRow[]
  /** Of the newest row; '0' when there never was one. */
  head: QueuePosition
}

/** Port: where queues come from. */
export interface QueueExport {
  pageOfUsers(after: string | undefined, limit: number): Promise<KeyPage>
  /** `limit` rows of each at most. */
  queues(from: readonly { user: UserId; after: QueuePosition }[], limit: number): Promise<MovedQueue[]>
  cursors(users: readonly UserId[]): Promise<DeviceCursor[]>
}

/**
 * Port: where queues go. Rows keep their dense positions, so every cursor stays valid. Before anything new is placed on
 * a user's queue, its dense rows are all here, and `finish` was called.
 */
export interface QueueImport {
  /** The head that was told with `finish`; users of whom none was are left out. */
  arrived(users: readonly UserId[]): Promise<ReadonlyMap<UserId, QueuePosition>>
  /** Rows expire when they would have where they come from; those that would be gone by now are left out. Idempotent. */
  write(user: UserId, rows: readonly MovedRow[]): Promise<void>
  /** All rows up to `head` are here. Forward only. */
  finish(user: UserId, head: QueuePosition): Promise<void>
}
