import type { UserId } from '@parley/protocol'
import type { Event } from '../delivery/event.ts'
import type { Progress } from './progress.ts'
import type { RowExpander } from './queue-reader.ts'
import type { SyncQueue } from './sync-queue.ts'

export interface PollPage {
  events: { pos: string; event: Event }[]
  /** Where the next poll goes on. */
  cursor: string
  /** The queue was read to its end. */
  complete: boolean
}

/** Up to `limit` events from where `progress` is; what holds nothing for this user is read over (rule L1). */
export async function readPollPage(
  { queue, expander }: { queue: SyncQueue; expander: RowExpander },
  user: UserId,
  progress: Progress,
  limit: number,
): Promise<PollPage> {
  const events: PollPage['events'] = []
  for (;;) {
    progress.begin()
    const page = await queue.read(user, progress.from, limit)
    if (!page) return { events, cursor: progress.cursorHere(), complete: true }
    const rows = progress.due(page.rows)
    const expanded = rows.length > 0 ? await expander.expand(user, rows) : []
    for (const [index, row] of rows.entries()) {
      const updates = expanded[index] ?? []
      let at = progress.start(row)
      for (; at < updates.length && events.length < limit; at++) {
        const event = updates[at]
        if (event) events.push({ pos: progress.cursor(row.position, row.before, at, updates.length), event })
      }
      progress.gave(row, at, updates.length)
      if (at < updates.length) return { events, cursor: progress.cursorHere(), complete: false }
    }
    // Rows that were held back are found by another read of this poll: the next poll would hold them back again.
    const more = progress.passed(page)
    if (!more || (!page.complete && events.length > 0)) {
      return { events, cursor: progress.cursorHere(), complete: page.complete }
    }
  }
}
