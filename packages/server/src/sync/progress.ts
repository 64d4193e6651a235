import type { Event } from '../delivery/event.ts'
import type { QueuePosition } from './place.ts'
import type { QueuePage, QueueRow } from './sync-queue.ts'

/** Hint that the queue must be read before it can be given. */
export const readFirst = -1

/**
 * How far a reader has come on a queue: what to read, what of it to give, and the cursors of a device that was given it.
 * A page is read from `from`, the rows that are `due` are given in order, each told by `gave`, and then it is `passed`.
 */
export interface Progress {
  readonly from: QueuePosition
  /** A page is about to be read. */
  begin(): void
  due(rows: readonly QueueRow[]): readonly QueueRow[]
  /** Index of the first update of a due row that was not given. */
  start(row: QueueRow): number
  /** The cursor of a device that was given the updates of the row at `position` up to `index`, of `count`. */
  cursor(position: QueuePosition, before: QueuePosition, index: number, count: number): string
  /** The row's updates before `end` were given, of `count`. */
  gave(row: QueueRow, end: number, count: number): void
  /** All due rows of the page were given in full. @returns true when there is more to read at once */
  passed(page: QueuePage): boolean
  /** The reader stops before the page is given; the next one begins where that is best. */
  stopped(): void

  /** A row is known to be stored at `position`. */
  expect(position: QueuePosition): void
  /** A hint: index of the first of its events that may be given now, behind what was given; or `readFirst`. */
  follows(position: QueuePosition, events: readonly Event[]): number
  gaveHint(position: QueuePosition, events: readonly Event[], end: number): void
  /** Where a device stands that was given everything so far; also without an event to carry it. */
  cursorHere(): string
  /** The row lies before where this began, or is known as given. */
  covers(row: QueueRow): boolean
}
