import type { Cursor, CursorFormat } from './cursor.ts'
import { ExactProgress } from './exact-progress.ts'
import { GivenRows } from './given-rows.ts'
import { LateProgress } from './late-progress.ts'
import type { Progress } from './progress.ts'
import type { SyncQueue } from './sync-queue.ts'

/** Begins at `cursor`. What lies above its `low` is given again to a session; a poll's cursor says what was given. */
export function openProgress(
  queue: SyncQueue,
  cursors: CursorFormat,
  cursor: Cursor,
  reader: 'session' | 'poll',
): Progress {
  if (!queue.late) return new ExactProgress(queue, cursors, cursor)
  if (reader === 'poll') return new LateProgress(queue, queue.late, cursors, cursor, GivenRows.parse(cursor.above))
  return new LateProgress(queue, queue.late, cursors, { ...cursor, mark: undefined }, GivenRows.empty())
}
