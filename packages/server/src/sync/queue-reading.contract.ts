import type { UserId } from '@parley/protocol'
import { endsWithin, retry } from '../lib/stores.contract.ts'
import type { QueuePosition } from './place.ts'
import type { QueueRow, SyncQueue } from './sync-queue.ts'

export interface QueueNode {
  queue: SyncQueue
}

/** The queue of `user` from `position` to its end, `limit` rows at a time. */
export async function readQueue(
  { queue }: QueueNode,
  user: UserId,
  position: QueuePosition,
  limit = 100,
): Promise<{ rows: QueueRow[]; next: QueuePosition }> {
  const rows: QueueRow[] = []
  const round = endsWithin(100_000)
  for (let after = position; ; ) {
    round()
    const page = await retry(() => queue.read(user, after, limit))
    if (!page) throw new Error(`the cursor ${after} of ${user} is gone`)
    rows.push(...page.rows)
    after = page.next
    if (page.complete) return { rows, next: after }
  }
}

export const updatesIn = (rows: readonly QueueRow[]): string[] =>
  rows.flatMap(({ pointer }) => (pointer.kind === 'update' ? pointer.update : []))
