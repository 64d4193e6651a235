import type { DeviceId, UserId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import { sleep } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import type { Place, QueuePosition } from '../../sync/place.ts'
import type { DeviceCursor, Lateness, Pointer, QueuePage, SyncQueue } from '../../sync/sync-queue.ts'
import { isLatePosition, type LateRow, latePosition, type ReachedRows } from './late-rows.ts'

/** The way from a node to the rows. */
export interface RowWire {
  /** Resolves when reads see the row. */
  insert(user: UserId, row: LateRow): Promise<void>
  /** As long as a read takes. */
  reading(): Promise<void>
}

/**
 * A queue as an engine without a common clock keeps it. A row lies at its writer's time, and is seen up to half of
 * `within` after that, when its write resolves; what becomes visible while a read is under way it may see or not,
 * a later row and not the one before it. Clocks of nodes may be a quarter of `within` off.
 */
export class LateSyncQueue implements SyncQueue {
  readonly late: Lateness
  readonly #rows: ReachedRows
  readonly #clock: Clock
  readonly #random: Random
  readonly #wire: RowWire
  readonly #writer: string
  /** No two rows of a writer have the same time. */
  #taken = new Set<number>()

  constructor(rows: ReachedRows, deps: { clock: Clock; random: Random; within: number; wire?: RowWire }) {
    const { clock, random, within } = deps
    this.#rows = rows
    this.#clock = clock
    this.#random = random
    this.#wire = deps.wire ?? {
      insert: async (user, row) => {
        await this.#pause(within / 2)
        rows.insert(user, row)
      },
      reading: () => this.#pause(within / 20),
    }
    this.#writer = Array.from({ length: 8 }, () => String.fromCharCode(97 + Math.floor(random.float() * 26))).join('')
    this.late = {
      within,
      settled: () => latePosition(Math.max(0, this.#now() - within * 1000), ''),
      latest: () => latePosition(this.#now() + within * 1000, ''),
    }
  }

  async read(user: UserId, after: QueuePosition, limit: number): Promise<QueuePage | undefined> {
    const before = new Set(this.#rows.of(user).map(({ position }) => position))
    await this.#wire.reading()
    if (after < this.#rows.floor(user)) return undefined
    const seen = this.#rows
      .of(user)
      .filter(({ position }) => position > after && (before.has(position) || this.#random.float() < 0.5))
    const page = seen.slice(0, limit)
    const rows = page.map((row, index) => ({ ...row, before: page[index - 1]?.position ?? after }))
    return { rows, next: page.at(-1)?.position ?? after, complete: page.length < limit }
  }

  async head(): Promise<QueuePosition> {
    return this.late.settled()
  }

  put(updates: readonly { user: UserId; update: string }[]): Promise<Place[]> {
    return Promise.all(updates.map(({ user, update }) => this.place(user, { kind: 'update', update })))
  }

  /** For a log over this queue. Rows of one conversation are to be placed one after the other. */
  async place(user: UserId, pointer: Pointer): Promise<Place> {
    for (;;) {
      const began = this.#clock.monotonic()
      const position = latePosition(this.#take(pointer), this.#writer)
      await this.#wire.insert(user, { position, pointer })
      // What took too long lies where nobody looks any more, and is written again.
      if (this.#clock.monotonic() - began <= this.late.within / 2) return { user, position }
    }
  }

  /** As if its write had begun some time ago: seen at once, among rows that are seen already. */
  placeNow(user: UserId, pointer: Pointer): Place {
    const ago = Math.floor(this.#random.float() ** 3 * (this.late.within / 2))
    const position = latePosition(this.#take(pointer, ago * 1000), this.#writer)
    this.#rows.insert(user, { position, pointer })
    return { user, position }
  }

  follows(): boolean {
    return false
  }

  compare(a: QueuePosition, b: QueuePosition): number {
    return a < b ? -1 : a > b ? 1 : 0
  }

  isPosition(text: string): boolean {
    return isLatePosition(text)
  }

  async saveCursors(cursors: readonly DeviceCursor[]): Promise<void> {
    for (const cursor of cursors) {
      const stored = this.#rows.cursors.get(cursor.device)
      if (stored && this.compare(stored.position, cursor.position) > 0) continue
      const last = cursor.lastSeenMessageId ?? stored?.lastSeenMessageId
      this.#rows.cursors.set(cursor.device, { ...cursor, lastSeenMessageId: last })
    }
  }

  async cursors(user: UserId): Promise<DeviceCursor[]> {
    return [...this.#rows.cursors.values()].filter((cursor) => cursor.user === user)
  }

  async removeCursor(_user: UserId, device: DeviceId): Promise<void> {
    this.#rows.cursors.delete(device)
  }

  async trim(before: number, limit: number): Promise<number> {
    return this.#rows.trim(before * 1000, limit)
  }

  #take(pointer: Pointer, ago = 0): number {
    const conversation = pointer.kind === 'entries' ? pointer.conversation : undefined
    const previous = conversation === undefined ? 0 : (this.#rows.times.get(conversation) ?? 0)
    let time = Math.max(this.#now() - ago, previous + 1)
    while (this.#taken.has(time)) time++
    this.#taken.add(time)
    if (conversation) this.#rows.times.set(conversation, time)
    return time
  }

  /** Mostly short, at times as long as it may be. */
  #pause(most: number): Promise<void> {
    const share = this.#random.float()
    return share < 0.2 ? Promise.resolve() : sleep(this.#clock, Math.floor(share ** 3 * most))
  }

  /** Microseconds. */
  #now(): number {
    return Math.floor(this.#clock.now() * 1000)
  }
}

/** `log` with its rows on `queue`, where they are seen some time after they were placed. */
export function onLateQueue<Log extends object>(log: Log, queue: LateSyncQueue): Log {
  return new Proxy(log, {
    get(target, name) {
      if (name === 'place') return queue.place.bind(queue)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
