import type { UserId } from '@parley/protocol'
import { endsWithin, retry } from '../lib/stores.contract.ts'
import type { QueuePosition } from './place.ts'
import type { QueuePage, QueueRow, SyncQueue } from './sync-queue.ts'

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

/**
 * A chain of cursors over a queue. Where rows may be late it goes on, after a complete read, from what was settled
 * before that read began.
 */
export class QueueChain {
  readonly #queue
  readonly #user
  readonly #limit
  readonly #byRow
  #low: QueuePosition
  #at: QueuePosition | undefined
  #settled: QueuePosition | undefined

  /** `byRow`: goes on from the positions of rows instead of the ends of pages, where that is allowed. */
  constructor(
    { queue }: QueueNode,
    user: UserId,
    start: QueuePosition,
    { limit = 100, byRow = false }: { limit?: number; byRow?: boolean } = {},
  ) {
    this.#queue = queue
    this.#user = user
    this.#low = start
    this.#limit = limit
    this.#byRow = byRow
  }

  /** The next page is the first of a read: what is stored by now is found until it is complete. */
  get begins(): boolean {
    return this.#at === undefined || this.#queue.late === undefined
  }

  async read(): Promise<QueuePage> {
    const { late } = this.#queue
    if (this.#at === undefined && late) this.#settled = await retry(async () => late.settled())
    const page = await retry(() => this.#queue.read(this.#user, this.#at ?? this.#low, this.#limit))
    if (!page) throw new Error(`the cursor ${this.#at ?? this.#low} of ${this.#user} is gone`)
    this.#at = (this.#byRow && page.rows.at(-1)?.position) || page.next
    if (!late || !page.complete) return page
    if (this.#settled !== undefined && this.#queue.compare(this.#settled, this.#low) > 0) this.#low = this.#settled
    this.#at = undefined
    return page
  }

  /** Rows up to the end. */
  async toEnd(): Promise<QueueRow[]> {
    const rows: QueueRow[] = []
    for (const round = endsWithin(100_000); ; round()) {
      const page = await this.read()
      rows.push(...page.rows)
      if (page.complete) return rows
    }
  }
}

export const updatesIn = (rows: readonly QueueRow[]): string[] =>
  rows.flatMap(({ pointer }) => (pointer.kind === 'update' ? pointer.update : []))
