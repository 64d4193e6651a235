import type { DeviceId, UserId } from '@parley/protocol'
import type { Place, QueuePosition } from '../../sync/place.ts'
import type { DeviceCursor, Lateness, QueuePage, SyncQueue } from '../../sync/sync-queue.ts'
import type { Cql } from './cql.ts'
import { comparePositions, isDense, isPosition, startOf, timeOf } from './positions.ts'
import { QueuePages } from './queue-pages.ts'
import type { QueueRows } from './queue-rows.ts'
import type { QueueTime } from './queue-time.ts'
import { writeAll } from './write-all.ts'

const day = 86_400_000
const saveCursor =
  'INSERT INTO queue_cursors (user, device, position, last_message) VALUES (?, ?, ?, ?) USING TIMESTAMP ?'
const selectCursors = 'SELECT device, position, last_message FROM queue_cursors WHERE user = ?'
const deleteCursor = 'DELETE FROM queue_cursors USING TIMESTAMP ? WHERE user = ? AND device = ?'

/** Queues whose rows lie in order of time (positions.ts), and are visible within `QueueTime.lateness` of it. */
export class CassandraSyncQueue implements SyncQueue {
  readonly late: Lateness
  readonly #cql
  readonly #pages
  readonly #rows
  readonly #time
  readonly #retention

  /** `retention`: ms that a cursor is good for. */
  constructor(cql: Cql, rows: QueueRows, time: QueueTime, retention = 30 * day) {
    this.#cql = cql
    this.#pages = new QueuePages(cql)
    this.#rows = rows
    this.#time = time
    this.#retention = retention
    this.late = {
      within: time.lateness,
      settled: () => startOf((time.now() - time.lateness) * 1000),
      latest: () => startOf((time.now() + time.lateness) * 1000),
    }
  }

  async read(user: UserId, after: QueuePosition, limit: number): Promise<QueuePage | undefined> {
    const now = this.#time.now()
    if (timeOf(after) < (now - this.#retention) * 1000) return undefined
    return this.#pages.read(user, after, (now + this.#time.lateness) * 1000, limit)
  }

  async head(): Promise<QueuePosition> {
    return this.late.settled()
  }

  put(updates: readonly { user: UserId; update: string }[]): Promise<Place[]> {
    return this.#rows.put(updates.map(({ user, update }) => ({ user, pointer: { kind: 'update', update } })))
  }

  /** Another node may have put a row anywhere. */
  follows(): boolean {
    return false
  }

  compare(a: QueuePosition, b: QueuePosition): number {
    return comparePositions(a, b)
  }

  isPosition(text: string): boolean {
    return isPosition(text)
  }

  saveCursors(cursors: readonly DeviceCursor[]): Promise<void> {
    const statements = cursors.map(({ device, user, position, lastSeenMessageId }) => ({
      query: saveCursor,
      params: [user, device, position, lastSeenMessageId, orderOf(position)],
    }))
    return writeAll(this.#cql, statements)
  }

  async cursors(user: UserId): Promise<DeviceCursor[]> {
    const rows = await this.#cql.execute({ query: selectCursors, params: [user] })
    return rows.map(({ device, position, last_message: last }) => ({
      device: String(device),
      user,
      position: String(position),
      lastSeenMessageId: typeof last === 'string' ? last : undefined,
    }))
  }

  /** A device that is gone never comes again: what is saved of it from now on is void, whatever its time. */
  async removeCursor(user: UserId, device: DeviceId): Promise<void> {
    await this.#cql.execute({ query: deleteCursor, params: [(this.#time.now() + day) * 1000, user, device] })
  }

  /** Rows expire by themselves. */
  async trim(): Promise<number> {
    return 0
  }
}

/** Grows with the position; those that came from SQLite are before all times. */
function orderOf(position: QueuePosition): number {
  return isDense(position) ? Number(position) + 1 : timeOf(position)
}
