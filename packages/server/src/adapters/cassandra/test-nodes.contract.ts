import type { Clock } from '../../lib/clock.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { systemRandom } from '../../lib/random.ts'
import { unique } from '../../lib/stores.contract.ts'
import type { CassandraConnection } from './connection.ts'
import { QueueRows } from './queue-rows.ts'
import { QueueTime } from './queue-time.ts'
import { CassandraStores } from './stores.ts'
import { CassandraSyncQueue } from './sync-queue.ts'

/** W, ms. */
const lateness = 4_000

/** A node of a test: its stores, and the queue that they write to. */
export class TestNode {
  readonly id = unique('n')
  readonly stores
  readonly queue
  readonly log
  readonly conversations
  readonly receipts

  constructor(connection: CassandraConnection, time: QueueTime, clock: Clock, bucketEntries: number | undefined) {
    const rows = new QueueRows(connection, time, systemRandom)
    const random = systemRandom
    const options = { clock, random, logger: silentLogger, node: this.id, bucketEntries }
    this.stores = new CassandraStores(connection, rows, options)
    this.queue = new CassandraSyncQueue(connection, rows, time)
    this.log = this.stores.log
    this.conversations = this.stores.conversations
    this.receipts = this.stores.receipts
  }
}

/** Opens nodes over one keyspace; what one of them knows the others have to find out. */
export class TestNodes {
  readonly #connection
  readonly #clock
  readonly #bucketEntries
  readonly #ahead
  readonly #opened: TestNode[] = []
  /** Of all that were ever opened. */
  readonly ids: string[] = []

  /** `ahead`: ms that `clock` is ahead of the engine's. */
  constructor(
    connection: CassandraConnection,
    options: { clock?: Clock; bucketEntries?: number; ahead?: () => number } = {},
  ) {
    this.#connection = connection
    this.#clock = options.clock ?? systemClock
    this.#bucketEntries = options.bucketEntries
    this.#ahead = options.ahead ?? (() => 0)
  }

  async node(connection = this.#connection): Promise<TestNode> {
    const time = new QueueTime({
      clock: this.#clock,
      lateness,
      measure: async () => ({ ahead: this.#ahead(), error: 1 }),
    })
    await time.measure()
    const node = new TestNode(connection, time, this.#clock, this.#bucketEntries)
    this.#opened.push(node)
    this.ids.push(node.id)
    return node
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((node) => node.stores.stop()))
  }
}
