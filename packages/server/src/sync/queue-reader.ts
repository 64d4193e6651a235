import type { UserId } from '@parley/protocol'
import type { Event } from '../delivery/event.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Turns } from '../lib/turns.ts'
import type { Cursor, CursorFormat } from './cursor.ts'
import { openProgress } from './open-progress.ts'
import { firstPageRows, nextPageRows } from './page-rows.ts'
import type { QueuePosition } from './place.ts'
import { readFirst } from './progress.ts'
import type { QueueRow, SyncQueue } from './sync-queue.ts'

/** Turns rows into the updates that `user` may see; undefined where one is not for them. Aligned with the rows. */
export interface RowExpander {
  expand(user: UserId, rows: readonly QueueRow[]): Promise<(readonly (Event | undefined)[])[]>
}

/** For updates of which several nodes tell the same, each what it knew: what a session gives never falls behind. */
export interface Lift {
  /** False: what is stored has to be read before this hint may be given. */
  trusts(event: Event): boolean
  lift(event: Event): Event
}

/** Where a reader's events go. */
export interface ReaderSink {
  /** How many events may be written now: window and socket considered. */
  room(): number
  event(cursor: string, event: Event): void
  /** The backlog is done; called once (rule S2). */
  live(cursor: string): void
  /** The cursor is older than what the queue keeps (rule Y4). */
  tooOld(): void
}

export interface ReaderDependencies {
  queue: SyncQueue
  expander: RowExpander
  cursors: CursorFormat
  clock: Clock
  /** Pages that all readers of a node hold at once: what bounds their memory together. */
  turns: Turns
  /** Makes the one of a session; absent where this node alone tells. */
  lift?: (() => Lift) | undefined
}

interface Hint {
  position: QueuePosition
  events: readonly Event[]
}

const heldHints = 64
const retryDelay = 1000

/**
 * Gives one session its user's queue: catch-up (pages from the store), cutover (hints that came meanwhile), live
 * (hints alone, as long as each follows the one before). Whatever does not follow is read from the queue: a hint can
 * only make things faster. When the sink has no room the reader stops, and `resume` reads on from the store, so a
 * slow device costs no memory; it reads about as many rows at a time as its sink takes.
 *
 * Where rows may be late (`SyncQueue.late`: W) a wake does not say that all before it was given: the queue is read again
 * half of W after a wake, and once more W after the last one.
 */
export class QueueReader {
  readonly #deps
  readonly #user
  readonly #sink
  readonly #progress
  readonly #lift: Lift | undefined
  /** W; 0: rows are never late. */
  readonly #within
  #pageRows = firstPageRows
  #phase: 'catch-up' | 'live' | 'full' | 'closed' = 'catch-up'
  #announced = false
  #reading = false
  #again = false
  #hints: Hint[] = []
  #retry: Timer | undefined
  #recheck: Timer | undefined
  /** When the queue was last known to be read to its end, and when the last wake came, by `clock.monotonic()`. */
  #readAt: number
  #wokenAt = Number.NEGATIVE_INFINITY

  constructor(deps: ReaderDependencies, user: UserId, cursor: Cursor, sink: ReaderSink) {
    this.#deps = deps
    this.#user = user
    this.#sink = sink
    this.#progress = openProgress(deps.queue, deps.cursors, cursor, 'session')
    this.#lift = deps.lift?.()
    this.#within = deps.queue.late?.within ?? 0
    this.#readAt = deps.clock.monotonic()
  }

  start(): void {
    void this.#read()
  }

  close(): void {
    this.#phase = 'closed'
    this.#hints = []
    this.#retry?.cancel()
    this.#recheck?.cancel()
  }

  /** A row landed at `position`. */
  offer(position: QueuePosition, events: readonly Event[]): void {
    if (this.#phase === 'closed' || this.#phase === 'full') return
    if (this.#within > 0) this.#woken()
    if (this.#phase === 'live' && !this.#reading) {
      if (!this.#follow(position, events)) void this.#read()
      return
    }
    if (this.#hints.length < heldHints) this.#hints.push({ position, events })
    else this.#again = true
  }

  /** The sink has room again. */
  resume(): void {
    if (this.#phase !== 'full') return
    this.#phase = this.#announced ? 'live' : 'catch-up'
    void this.#read()
  }

  /** Reads the queue when that was not done for `interval` ms (rule Y5), or at once with 0. */
  heal(interval: number): void {
    if (this.#phase !== 'live' || this.#deps.clock.monotonic() - this.#readAt < interval) return
    void this.#read()
  }

  async #read(): Promise<void> {
    if (this.#reading) {
      this.#again = true
      return
    }
    this.#reading = true
    try {
      for (let more = true; more; ) {
        this.#again = false
        more = await this.#deps.turns.take(() => this.#readPage())
        // What came between the end of the page and here would wait for the next hint.
        more ||= !this.#isFull() && !this.#isClosed() && (this.#again || this.#hints.length > 0)
      }
    } catch {
      this.#retryLater()
    }
    this.#reading = false
  }

  /** @returns true when there is more to read. */
  async #readPage(): Promise<boolean> {
    const { queue, expander, clock } = this.#deps
    if (this.#isClosed()) return false
    const room = this.#sink.room()
    if (room <= 0) return this.#fill()
    const progress = this.#progress
    const startedAt = clock.monotonic()
    progress.begin()
    const read = await queue.read(this.#user, progress.from, Math.min(room, this.#pageRows))
    if (this.#isClosed()) return false
    if (!read) {
      this.close()
      this.#sink.tooOld()
      return false
    }
    const rows = progress.due(read.rows)
    const events = rows.length > 0 ? await expander.expand(this.#user, rows) : []
    if (this.#isClosed()) return false
    for (const [index, row] of rows.entries()) {
      const updates = events[index] ?? []
      const end = this.#give(row.position, row.before, updates, progress.start(row))
      progress.gave(row, end, updates.length)
      if (end < updates.length) {
        this.#pageRows = nextPageRows(this.#pageRows, events, index)
        return this.#fill()
      }
    }
    if (!read.complete) this.#pageRows = nextPageRows(this.#pageRows, events, undefined)
    if (progress.passed(read)) return true
    this.#readAt = startedAt
    return this.#cutOver()
  }

  /** The queue was read to its end: what came meanwhile follows, or is read. */
  #cutOver(): boolean {
    const hints = this.#hints
    this.#hints = []
    for (const { position, events } of hints) {
      if (!this.#follow(position, events)) return true
      if (this.#isFull()) return false
    }
    if (this.#again) return true
    this.#phase = 'live'
    if (!this.#announced) {
      this.#announced = true
      if (this.#within > 0) this.#wokenAt = this.#deps.clock.monotonic()
      this.#sink.live(this.#progress.cursorHere())
    }
    if (this.#readAt < this.#wokenAt + this.#within) this.#recheckLater()
    return false
  }

  /** Gives what a hint brings. @returns false when the queue has to be read first */
  #follow(position: QueuePosition, events: readonly Event[]): boolean {
    const progress = this.#progress
    const start = progress.follows(position, events)
    if (start === readFirst) return false
    if (start === events.length) return true
    if (this.#lift && !events.every((event) => this.#lift?.trusts(event))) {
      progress.expect(position)
      return false
    }
    const end = this.#give(position, progress.from, events, start)
    progress.gaveHint(position, events, end)
    if (end < events.length) this.#fill()
    return true
  }

  /** Writes the updates of one row from `start` on, as many as there is room for. @returns the first not written */
  #give(position: QueuePosition, before: QueuePosition, events: readonly (Event | undefined)[], start: number): number {
    const count = events.length
    for (let index = start; index < count; index++) {
      const event = events[index]
      if (!event) continue
      if (this.#sink.room() <= 0) return index
      const told = this.#lift ? this.#lift.lift(event) : event
      this.#sink.event(this.#progress.cursor(position, before, index, count), told)
    }
    return count
  }

  #woken(): void {
    this.#wokenAt = this.#deps.clock.monotonic()
    if (this.#phase === 'live' && !this.#reading) this.#recheckLater()
  }

  #recheckLater(): void {
    this.#recheck ??= this.#deps.clock.after(this.#within / 2, () => {
      this.#recheck = undefined
      if (this.#phase === 'live') void this.#read()
    })
  }

  #fill(): false {
    this.#phase = 'full'
    this.#hints = []
    this.#progress.stopped()
    return false
  }

  #retryLater(): void {
    if (this.#isClosed()) return
    this.#retry?.cancel()
    this.#retry = this.#deps.clock.after(retryDelay, () => void this.#read())
  }

  #isClosed(): boolean {
    return this.#phase === 'closed'
  }

  #isFull(): boolean {
    return this.#phase === 'full'
  }
}
