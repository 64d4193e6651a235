import type { UserId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import type { QueuePosition } from '../../sync/place.ts'
import type { Pointer } from '../../sync/sync-queue.ts'
import type { Cql, Statement } from './cql.ts'
import { encodePointer } from './pointers.ts'
import { bucketOf, keyOf } from './positions.ts'
import { writeAll } from './write-all.ts'

/** A row of a dense queue. */
export interface MovedRow {
  position: QueuePosition
  pointer: Pointer
  /** When it was written, ms. */
  at: number
}

/** Seconds; as the tables have it (migrations/0002-queue.ts). */
const rowSeconds = 31 * 86_400
const insertRow = 'INSERT INTO queue (user, bucket, row, pointer) VALUES (?, ?, ?, ?) USING TTL ?'
const insertBucket = 'INSERT INTO queue_buckets (user, bucket) VALUES (?, ?)'
const insertHead = 'INSERT INTO queue_buckets (user, dense_head) VALUES (?, ?)'

/**
 * Brings queues over from SQLite: rows keep their dense positions, which lie before all times, so every cursor stays
 * valid. Writing the same again changes nothing. Before anything new is placed on a user's queue, its dense rows are
 * all here, and `finish` was called.
 */
export class MovedRows {
  readonly #cql
  readonly #clock

  constructor(cql: Cql, clock: Clock) {
    this.#cql = cql
    this.#clock = clock
  }

  /** Rows expire when they would have where they come from; those that would be gone by now are left out. */
  async write(user: UserId, rows: readonly MovedRow[]): Promise<void> {
    const now = this.#clock.now()
    const statements: Statement[] = []
    const buckets = new Set<number>()
    for (const { position, pointer, at } of rows) {
      const left = rowSeconds - Math.max(0, Math.floor((now - at) / 1000))
      if (left <= 0) continue
      const bucket = bucketOf(position)
      buckets.add(bucket)
      statements.push({
        query: insertRow,
        params: [user, bucket, keyOf(position), encodePointer(pointer), left],
      })
    }
    for (const bucket of buckets) statements.push({ query: insertBucket, params: [user, bucket] })
    await writeAll(this.#cql, statements)
  }

  /** `head`: the position of the newest dense row, '0' where there was none. */
  async finish(user: UserId, head: QueuePosition): Promise<void> {
    await this.#cql.execute({ query: insertHead, params: [user, head] })
  }
}
