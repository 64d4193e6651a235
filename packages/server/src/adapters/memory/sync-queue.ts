import type { DeviceId, UserId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import type { Place, QueuePosition } from '../../sync/place.ts'
import type { DeviceCursor, QueuePage, SyncQueue } from '../../sync/sync-queue.ts'
import type { MemoryStores } from './stores.ts'

/** Positions are 1, 2, 3… of one user's queue: dense, so every row is given exactly once. */
export class MemorySyncQueue implements SyncQueue {
  readonly late = undefined
  readonly #stores: MemoryStores
  readonly #clock: Clock

  constructor(stores: MemoryStores, clock: Clock) {
    this.#stores = stores
    this.#clock = clock
  }

  async read(user: UserId, after: QueuePosition, limit: number): Promise<QueuePage | undefined> {
    const { rows, floor } = this.#stores.queue(user)
    const start = Number(after)
    if (start < floor) return undefined
    const page = rows.slice(start - floor, start - floor + limit)
    return {
      rows: page.map(({ pointer }, index) => ({
        position: String(start + index + 1),
        before: String(start + index),
        pointer,
      })),
      next: String(start + page.length),
      complete: page.length < limit,
    }
  }

  async head(user: UserId): Promise<QueuePosition> {
    const { rows, floor } = this.#stores.queue(user)
    return String(floor + rows.length)
  }

  async put(updates: readonly { user: UserId; update: string }[]): Promise<Place[]> {
    const at = this.#clock.now()
    return updates.map(({ user, update }) => this.#stores.place(user, { at, pointer: { kind: 'update', update } }))
  }

  follows(position: QueuePosition, place: QueuePosition): boolean {
    return Number(place) === Number(position) + 1
  }

  compare(a: QueuePosition, b: QueuePosition): number {
    return Number(a) - Number(b)
  }

  isPosition(text: string): boolean {
    return /^(0|[1-9]\d{0,14})$/.test(text)
  }

  async saveCursors(cursors: readonly DeviceCursor[]): Promise<void> {
    for (const cursor of cursors) {
      const stored = this.#stores.cursors.get(cursor.device)
      if (!stored || this.compare(stored.position, cursor.position) <= 0)
        this.#stores.cursors.set(cursor.device, cursor)
    }
  }

  async cursors(user: UserId): Promise<DeviceCursor[]> {
    return [...this.#stores.cursors.values()].filter((cursor) => cursor.user === user)
  }

  async removeCursor(_user: UserId, device: DeviceId): Promise<void> {
    this.#stores.cursors.delete(device)
  }

  async trim(before: number, limit: number): Promise<number> {
    let trimmed = 0
    for (const queue of this.#stores.queues.values()) {
      let old = 0
      while (trimmed + old < limit && old < queue.rows.length - 1 && queue.rows[old]!.at < before) old++
      queue.rows.splice(0, old)
      queue.floor += old
      trimmed += old
    }
    return trimmed
  }
}
