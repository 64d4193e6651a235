import type { UserId } from '@parley/protocol'
import type { Event } from '../delivery/event.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Turns } from '../lib/turns.ts'
import type { Cursor, CursorFormat } from './cursor.ts'
import type { QueuePosition } from './place.ts'
import type { QueueRow, SyncQueue } from './sync-queue.ts'

/** Turns rows into the updates that `user` may see; undefined where one is not for them. Aligned with the rows. */
export interface RowExpander {
  expand(user: UserId, rows: readonly QueueRow[]): Promise<(readonly (Event | undefined)[])[]>
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
}

interface Hint {
  position: QueuePosition
  events: readonly Event[]
}

/** Rows of a page: the most, what a reader begins with, and the fewest that a slow sink gets. */
const page = { most: 256, first: 32, fewest: 8 }
const heldHints = 64
const retryDelay = 1000

/**
 * Gives one session its user's queue: catch-up (pages from the store), cutover (hints that came meanwhile), live
 * (hints alone, as long as each follows the one before). Whatever does not follow is read from the queue: a hint can
 * only make things faster. When the sink has no room the reader stops, and `resume` reads on from the store, so a
 * slow device costs no memory; it reads about as many rows at a time as its sink takes, whatever their size.
 */
export class QueueReader {
  readonly #deps
  readonly #user
  readonly #sink
  #after: QueuePosition
  /** Updates of the row behind `#after` that were given already. */
  #given
  #pageRows = page.first
  #phase: 'catch-up' | 'live' | 'full' | 'closed' = 'catch-up'
  #announced = false
  #reading = false
  #again = false
  #hints: Hint[] = []
  #retry: Timer | undefined
  /** When the queue was last known to be read to its end, by `clock.monotonic()`. */
  #readAt: number

  constructor(deps: ReaderDependencies, user: UserId, cursor: Cursor, sink: ReaderSink) {
    this.#deps = deps
    this.#user = user
    this.#sink = sink
    this.#after = cursor.after
    this.#given = cursor.given
    this.#readAt = deps.clock.monotonic()
  }

  start(): void {
    void this.#read()
  }

  close(): void {
    this.#phase = 'closed'
    this.#hints = []
    this.#retry?.cancel()
  }

  /** A row landed at `position`. */
  offer(position: QueuePosition, events: readonly Event[]): void {
    if (this.#phase === 'closed' || this.#phase === 'full') return
    if (this.#phase === 'live' && !this.#reading) {
      if (this.#given === 0 && this.#deps.queue.follows(this.#after, position))
        this.#give(position, this.#after, events)
      else if (this.#deps.queue.compare(position, this.#after) > 0) void this.#read()
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
    const startedAt = clock.monotonic()
    const read = await queue.read(this.#user, this.#after, Math.min(room, this.#pageRows))
    if (this.#isClosed()) return false
    if (!read) {
      this.close()
      this.#sink.tooOld()
      return false
    }
    const events = read.rows.length > 0 ? await expander.expand(this.#user, read.rows) : []
    if (this.#isClosed()) return false
    for (const [index, row] of read.rows.entries()) {
      this.#give(row.position, row.before, events[index] ?? [])
      if (this.#isFull()) {
        this.#pageRows = Math.min(page.most, Math.max(page.fewest, 2 * index))
        return false
      }
    }
    this.#after = read.next
    if (!read.complete) {
      this.#pageRows = Math.min(page.most, 2 * this.#pageRows)
      return true
    }
    this.#readAt = startedAt
    return this.#cutOver()
  }

  /** The queue was read to its end: what came meanwhile follows, or is read. */
  #cutOver(): boolean {
    const { queue, cursors } = this.#deps
    const hints = this.#hints
    this.#hints = []
    for (const { position, events } of hints) {
      if (this.#isFull()) return false
      if (queue.compare(position, this.#after) <= 0) continue
      if (!queue.follows(this.#after, position)) return true
      this.#give(position, this.#after, events)
    }
    if (this.#isFull()) return false
    if (this.#again) return true
    this.#phase = 'live'
    if (!this.#announced) {
      this.#announced = true
      this.#sink.live(cursors.at(this.#after, this.#given))
    }
    return false
  }

  /** Writes the updates of one row, as many as there is room for. */
  #give(position: QueuePosition, before: QueuePosition, events: readonly (Event | undefined)[]): void {
    const { cursors } = this.#deps
    const count = events.length
    for (let index = this.#given; index < count; index++) {
      const event = events[index]
      if (event) {
        if (this.#sink.room() <= 0) {
          this.#after = before
          this.#given = index
          this.#fill()
          return
        }
        this.#sink.event(index === count - 1 ? cursors.at(position) : cursors.at(before, index + 1), event)
      }
    }
    this.#after = position
    this.#given = 0
  }

  #fill(): false {
    this.#phase = 'full'
    this.#hints = []
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
