import type { Event } from '../delivery/event.ts'

/** Rows of a page: the most, what a reader begins with, and the fewest that a slow sink gets. */
const rows = { most: 256, first: 32, fewest: 8 }
/** A page of small messages has this with all its rows; one of large messages has fewer rows. */
const pageBytes = 64 * 1024

export const firstPageRows = rows.first

/**
 * How many rows to read after a page that held `events`. `taken`: the sink took so many rows of it and stopped;
 * undefined when it took all. Pages of a node's readers are in memory together, whatever people send.
 */
export function nextPageRows(
  before: number,
  events: readonly (readonly (Event | undefined)[])[],
  taken: number | undefined,
): number {
  let bytes = 0
  for (const updates of events) for (const event of updates) bytes += event?.size ?? 0
  const wanted = taken === undefined ? 2 * before : Math.max(rows.fewest, 2 * taken)
  const fitting = bytes === 0 ? rows.most : Math.floor((pageBytes * events.length) / bytes)
  return Math.max(1, Math.min(rows.most, wanted, fitting))
}
