import type { Cursor, CursorFormat } from './cursor.ts'
import type { QueuePosition } from './place.ts'
import { type Progress, readFirst } from './progress.ts'
import type { QueuePage, QueueRow, SyncQueue } from './sync-queue.ts'

/** On a queue whose rows are found in the order of their positions: one number says it all. */
export class ExactProgress implements Progress {
  readonly #queue
  readonly #cursors
  #after: QueuePosition
  /** Updates of the row behind `#after` that were given already. */
  #given

  constructor(queue: SyncQueue, cursors: CursorFormat, { after, given }: Cursor) {
    this.#queue = queue
    this.#cursors = cursors
    this.#after = after
    this.#given = given
  }

  get from(): QueuePosition {
    return this.#after
  }

  begin(): void {}

  due(rows: readonly QueueRow[]): readonly QueueRow[] {
    return rows
  }

  start({ before }: QueueRow): number {
    return before === this.#after ? this.#given : 0
  }

  cursor(position: QueuePosition, before: QueuePosition, index: number, count: number): string {
    return index === count - 1 ? this.#cursors.at(position) : this.#cursors.at(before, index + 1)
  }

  gave({ position, before }: QueueRow, end: number, count: number): void {
    this.#move(position, before, end, count)
  }

  passed({ next, complete }: QueuePage): boolean {
    this.#after = next
    return !complete
  }

  stopped(): void {}

  expect(): void {}

  follows(position: QueuePosition, events: readonly unknown[]): number {
    if (this.#given === 0 && this.#queue.follows(this.#after, position)) return 0
    return this.#queue.compare(position, this.#after) > 0 ? readFirst : events.length
  }

  gaveHint(position: QueuePosition, events: readonly unknown[], end: number): void {
    this.#move(position, this.#after, end, events.length)
  }

  cursorHere(): string {
    return this.#cursors.at(this.#after, this.#given)
  }

  covers({ position }: QueueRow): boolean {
    return this.#queue.compare(position, this.#after) <= 0
  }

  #move(position: QueuePosition, before: QueuePosition, end: number, count: number): void {
    this.#after = end < count ? before : position
    this.#given = end < count ? end : 0
  }
}
