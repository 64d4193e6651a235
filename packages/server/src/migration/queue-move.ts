import type { UserId } from '@parley/protocol'
import type { KeyPage } from '../lib/key-page.ts'
import { Turns } from '../lib/turns.ts'
import type { MovedQueue, QueueExport, QueueImport } from '../sync/queue-move.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import { Comparison, type Move } from './move.ts'

const rowsAtOnce = 500
const usersAtOnce = 16
/** Rows at the end of a queue that are looked at when little can have changed. */
const recentRows = 200
/** ms: older rows may be gone on one side before they are on the other. */
const kept = 30 * 86_400_000

/** Rows of sync queues, at the positions they have. */
export class QueueMove implements Move {
  readonly kind = 'queues'
  readonly keysAre = 'queues'
  readonly #source
  readonly #target
  readonly #queue
  readonly #now

  constructor(source: QueueExport, target: QueueImport, queue: Pick<SyncQueue, 'read'>, now: () => number) {
    this.#source = source
    this.#target = target
    this.#queue = queue
    this.#now = now
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfUsers(after, limit)
  }

  async copy(users: readonly UserId[]): Promise<number> {
    const arrived = await this.#target.arrived(users)
    let waiting = users.map((user) => ({ user, after: arrived.get(user) ?? '0' }))
    const turns = new Turns(usersAtOnce)
    let rows = 0
    while (waiting.length > 0) {
      const queues = await this.#source.queues(waiting, rowsAtOnce)
      await Promise.all(queues.map((queue) => turns.take(() => this.#put(queue))))
      rows += queues.reduce((sum, queue) => sum + queue.rows.length, 0)
      const long = queues.filter((queue) => queue.rows.length === rowsAtOnce)
      waiting = long.map((queue) => ({ user: queue.user, after: endOf(queue) }))
    }
    return rows
  }

  async compare(users: readonly UserId[], extent: 'whole' | 'recent'): Promise<Map<string, Comparison>> {
    const arrived = await this.#target.arrived(users)
    const turns = new Turns(usersAtOnce)
    const compared = await Promise.all(
      users.map(async (user) => {
        const head = arrived.get(user)
        return [user, await turns.take(() => this.#compareOne(user, head, extent))] as const
      }),
    )
    return new Map(compared)
  }

  async #put(queue: MovedQueue): Promise<void> {
    await this.#target.write(queue.user, queue.rows)
    await this.#target.finish(queue.user, endOf(queue))
  }

  async #compareOne(user: UserId, arrived: string | undefined, extent: 'whole' | 'recent'): Promise<Comparison> {
    const comparison = new Comparison()
    const upTo = Number(arrived ?? -1)
    let after = extent === 'whole' ? 0 : Math.max(0, upTo - recentRows)
    for (;;) {
      const [here] = await this.#source.queues([{ user, after: String(after) }], rowsAtOnce)
      if (!here || here.rows.length === 0) {
        if (Number(here?.head ?? 0) > upTo) comparison.behind = true
        return comparison
      }
      const oldest = this.#now() - kept
      const rows = here.rows.filter(({ position, at }) => Number(position) <= upTo && at > oldest)
      await this.#compareRows(comparison, user, rows)
      if (rows.length < here.rows.length && Number(endOf(here)) > upTo) comparison.behind = true
      after = Number(endOf(here))
    }
  }

  async #compareRows(comparison: Comparison, user: UserId, rows: MovedQueue['rows']): Promise<void> {
    const [first] = rows
    if (!first) return
    const page = await this.#queue.read(user, String(Number(first.position) - 1), rows.length)
    for (const { position, pointer } of rows) comparison.source.add({ position, pointer })
    for (const { position, pointer } of page?.rows ?? []) comparison.target.add({ position, pointer })
  }
}

/** How far it is known: to its last row, or its head when it has none. */
const endOf = ({ rows, head }: MovedQueue): string => rows.at(-1)?.position ?? head
