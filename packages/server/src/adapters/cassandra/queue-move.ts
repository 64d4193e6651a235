import type { UserId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import { Turns } from '../../lib/turns.ts'
import type { QueuePosition } from '../../sync/place.ts'
import type { MovedRow, QueueImport } from '../../sync/queue-move.ts'
import type { Cql, Statement } from './cql.ts'
import { encodePointer } from './pointers.ts'
import { bucketOf, keyOf } from './positions.ts'
import { writeAll, writeTogether } from './write-all.ts'

/** Seconds; as the tables have it (migrations/0002-queue.ts). */
const rowSeconds = 31 * 86_400
const insertRow = 'INSERT INTO queue (user, bucket, row, pointer) VALUES (?, ?, ?, ?) USING TTL ?'
const insertBucket = 'INSERT INTO queue_buckets (user, bucket) VALUES (?, ?)'
const insertHead = 'INSERT INTO queue_buckets (user, dense_head) VALUES (?, ?) USING TIMESTAMP ?'
const selectHead = 'SELECT dense_head FROM queue_buckets WHERE user = ? LIMIT 1'

const readsAtOnce = 32

/** Brings queues over from SQLite: dense positions lie before all times. */
export class CassandraQueueImport implements QueueImport {
  readonly #cql
  readonly #clock

  constructor(cql: Cql, clock: Clock) {
    this.#cql = cql
    this.#clock = clock
  }

  async arrived(users: readonly UserId[]): Promise<ReadonlyMap<UserId, QueuePosition>> {
    const turns = new Turns(readsAtOnce)
    const found = await Promise.all(
      users.map(async (user) => {
        const [row] = await turns.take(() => this.#cql.execute({ query: selectHead, params: [user] }))
        return typeof row?.dense_head === 'string' ? [[user, row.dense_head] as const] : []
      }),
    )
    return new Map(found.flat())
  }

  async write(user: UserId, rows: readonly MovedRow[]): Promise<void> {
    const now = this.#clock.now()
    const byBucket = new Map<number, Statement[]>()
    for (const { position, pointer, at } of rows) {
      const left = rowSeconds - Math.max(0, Math.floor((now - at) / 1000))
      if (left <= 0) continue
      const bucket = bucketOf(position)
      const own = byBucket.get(bucket) ?? []
      byBucket.set(bucket, own)
      own.push({ query: insertRow, params: [user, bucket, keyOf(position), encodePointer(pointer), left] })
    }
    const buckets = [...byBucket.keys()].map((bucket) => ({ query: insertBucket, params: [user, bucket] }))
    await Promise.all([
      ...[...byBucket.values()].map((own) => writeTogether(this.#cql, own)),
      writeAll(this.#cql, buckets),
    ])
  }

  async finish(user: UserId, head: QueuePosition): Promise<void> {
    await this.#cql.execute({ query: insertHead, params: [user, head, Number(head) + 1] })
  }
}
