import type { Event } from '../delivery/event.ts'
import type { Cursor, CursorFormat } from './cursor.ts'
import type { GivenRows } from './given-rows.ts'
import type { QueuePosition } from './place.ts'
import { type Progress, readFirst } from './progress.ts'
import type { Lateness, QueuePage, QueueRow, SyncQueue } from './sync-queue.ts'

const doubtsHeld = 1024
const numbers = 1_000_000

/**
 * On a queue where rows may appear among those that were read: everything up to `low` was given and nothing will be
 * found there any more; what was given above is remembered, and read over again until it lies below.
 *
 * Order in a conversation: its rows are stored one after the other, so a read that begins when one was seen finds all
 * before it. A row whose predecessor was not given is therefore held until a second read has found it again.
 */
export class LateProgress implements Progress {
  readonly #queue
  readonly #late
  readonly #cursors
  readonly #given
  #low: QueuePosition
  /** The farthest row that was read or given. */
  #after: QueuePosition
  /** More small updates were given than the cursor carries: reads begin at `#after` until those before this are settled. */
  #mark: QueuePosition | undefined
  /** Where the read under way goes on; undefined between two. */
  #at: QueuePosition | undefined
  /** Whether the read under way began at `#low`, and where it leaves it. */
  #deep = true
  #settled: QueuePosition
  #held = false
  /** Rows that were seen, or told of, before the read under way began; and since. */
  #doubted = new Set<QueuePosition>()
  #doubtedSince = new Set<QueuePosition>()
  /** Conversations of which the read under way holds a row: what follows is held too. */
  #holding = new Set<string>()
  /** Tells the cursors of one session apart. */
  #number = 0

  constructor(queue: SyncQueue, late: Lateness, cursors: CursorFormat, { after, low, mark }: Cursor, given: GivenRows) {
    this.#queue = queue
    this.#late = late
    this.#cursors = cursors
    this.#given = given
    this.#low = low
    this.#after = after
    this.#mark = mark
    this.#settled = low
  }

  get from(): QueuePosition {
    return this.#at ?? this.#low
  }

  begin(): void {
    if (this.#at !== undefined) {
      // Nothing may appear before here: as good as a read that begins now.
      if (this.#deep && this.#reached(this.#settled, this.#at)) this.#settled = this.#late.settled()
      return
    }
    this.#settled = this.#late.settled()
    this.#deep = this.#held || this.#mark === undefined || this.#reached(this.#settled, this.#mark)
    this.#held = false
    this.#doubted = this.#doubtedSince
    this.#doubtedSince = new Set()
    this.#holding = new Set()
    if (this.#deep) {
      this.#mark = undefined
      this.#given.beginRead()
    }
    this.#at = this.#deep ? this.#low : this.#after
  }

  due(rows: readonly QueueRow[]): readonly QueueRow[] {
    const ahead = new Map<string, number>()
    return rows.filter((row) => this.#isDue(row, ahead))
  }

  /** `ahead`: what is given of each conversation once the due rows before this one are. */
  #isDue({ position, pointer }: QueueRow, ahead: Map<string, number>): boolean {
    const settled = this.#reached(this.#settled, position)
    if (pointer.kind === 'update') {
      if (!this.#given.hasUpdate(position)) return true
      if (!settled) this.#given.metUpdate(position)
      return false
    }
    const { conversation, from, to } = pointer
    const known = ahead.get(conversation) ?? this.#given.seqOf(conversation)
    if (known !== undefined && to <= known) {
      if (!settled) this.#given.metEntries(conversation)
      return false
    }
    const follows = from === 1 || (known !== undefined && from <= known + 1)
    if (settled || follows || (this.#doubted.has(position) && !this.#holding.has(conversation))) {
      ahead.set(conversation, to)
      return true
    }
    this.#held = true
    this.#holding.add(conversation)
    this.expect(position)
    return false
  }

  start({ pointer }: QueueRow): number {
    if (pointer.kind === 'update') return 0
    const known = this.#given.seqOf(pointer.conversation) ?? 0
    return Math.max(0, known + 1 - pointer.from)
  }

  cursor(position: QueuePosition, _before: QueuePosition, index: number, count: number): string {
    if (this.#deep && this.#at !== undefined && index === count - 1 && this.#reached(this.#settled, position)) {
      return this.#cursors.at(position)
    }
    this.#number = (this.#number + 1) % numbers
    return this.#cursors.late({ after: position, given: this.#number, low: this.#low })
  }

  gave({ position, pointer }: QueueRow, end: number, count: number): void {
    const settled = this.#reached(this.#settled, position)
    if (pointer.kind === 'entries') {
      if (end > 0) this.#given.gaveEntries(pointer.conversation, pointer.from + end - 1, !settled || end < count)
    } else if (end === count && !settled) this.#given.gaveUpdate(position)
    if (end < count) return
    this.#doubted.delete(position)
    this.#at = position
    this.#advance(position)
  }

  passed({ next, complete }: QueuePage): boolean {
    this.#at = next
    this.#advance(next)
    if (!complete) return true
    this.#at = undefined
    if (this.#deep) {
      this.#low = this.#later(this.#low, this.#settled)
      this.#given.endRead()
    }
    return this.#held
  }

  stopped(): void {
    this.#at = undefined
    for (const position of this.#doubted) this.expect(position)
  }

  expect(position: QueuePosition): void {
    if (this.#doubtedSince.size < doubtsHeld) this.#doubtedSince.add(position)
  }

  follows(position: QueuePosition, events: readonly Event[]): number {
    if (this.#reached(this.#low, position)) return events.length
    // A read broke off; what it would have settled is not given yet.
    if (this.#at !== undefined && this.#reached(this.#settled, position)) return readFirst
    const entry = events[0]?.entry
    if (!entry) return this.#given.hasUpdate(position) ? events.length : 0
    const known = this.#given.seqOf(entry.conversation)
    if (known === undefined ? entry.seq === 1 : entry.seq <= known + 1) {
      return Math.min(events.length, Math.max(0, (known ?? 0) + 1 - entry.seq))
    }
    this.expect(position)
    return readFirst
  }

  gaveHint(position: QueuePosition, events: readonly Event[], end: number): void {
    const last = events[end - 1]?.entry
    if (last) this.#given.gaveEntries(last.conversation, last.seq, true)
    else if (end > 0) this.#given.gaveUpdate(position)
    if (end === events.length) this.#after = this.#later(this.#after, position)
  }

  cursorHere(): string {
    const { text, complete } = this.#given.text()
    const mark = complete ? this.#mark : (this.#mark ?? this.#after)
    return this.#cursors.late({ after: this.#after, given: 0, low: this.#low, above: text, mark })
  }

  covers({ position, pointer }: QueueRow): boolean {
    if (this.#reached(this.#low, position)) return true
    if (pointer.kind === 'update') return this.#given.hasUpdate(position)
    return pointer.to <= (this.#given.seqOf(pointer.conversation) ?? 0)
  }

  /** Everything up to `position` was read. */
  #advance(position: QueuePosition): void {
    this.#after = this.#later(this.#after, position)
    if (!this.#deep) return
    this.#low = this.#later(this.#low, this.#reached(this.#settled, position) ? position : this.#settled)
  }

  /** `position` lies at or before `mark`. */
  #reached(mark: QueuePosition, position: QueuePosition): boolean {
    return this.#queue.compare(position, mark) <= 0
  }

  #later(a: QueuePosition, b: QueuePosition): QueuePosition {
    return this.#queue.compare(a, b) >= 0 ? a : b
  }
}
