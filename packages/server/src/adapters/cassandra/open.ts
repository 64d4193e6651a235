import type { ConversationStore } from '../../conversations/conversation-store.ts'
import type { OwnImport } from '../../conversations/own-move.ts'
import type { Clock } from '../../lib/clock.ts'
import type { EngineReport } from '../../lib/engine-report.ts'
import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import type { ConversationLog } from '../../log/conversation-log.ts'
import type { LogImport } from '../../log/log-move.ts'
import type { ReceiptImport } from '../../messages/receipt-move.ts'
import type { ReceiptStore } from '../../messages/receipt-store.ts'
import type { QueueImport } from '../../sync/queue-move.ts'
import type { SyncQueue } from '../../sync/sync-queue.ts'
import { checkCassandra } from './check.ts'
import { connect } from './client.ts'
import { medianSkew } from './clock-skew.ts'
import { CassandraConnection } from './connection.ts'
import { type CassandraUrl, parseCassandraUrl } from './connection-url.ts'
import { levelsOf, reachOf } from './consistency.ts'
import { loadDriver } from './driver.ts'
import { commitlogSyncs, refuseUnsafe } from './durability.ts'
import { makeKeyspace, nearestDataCenter, onceAnswered, onceUsable } from './keyspace.ts'
import { migrations } from './migrations/all.ts'
import { CassandraQueueImport } from './queue-move.ts'
import { QueueRows } from './queue-rows.ts'
import { QueueTime } from './queue-time.ts'
import { makeTables } from './schema.ts'
import { CassandraStores, type StoreOptions } from './stores.ts'
import { CassandraSyncQueue } from './sync-queue.ts'

/** ms after its time at which a queue row is visible at the latest: W of the design. */
const lateness = 10_000

export interface CassandraOptions extends StoreOptions {
  /** Accept hosts that acknowledge before it is on disk. */
  unsafeDurability?: boolean
  /** Told of every statement. */
  counts?: StatementCounts
}

export interface Cassandra {
  connection: CassandraConnection
  log: ConversationLog
  conversations: ConversationStore
  receipts: ReceiptStore
  queue: SyncQueue
  /** Ways in for what comes from one process. */
  imports: { log: LogImport; own: OwnImport; receipts: ReceiptImport; queue: QueueImport }
  /** What the sync queue stands on, shared with the log. */
  rows: QueueRows
  time: QueueTime
  /** For `parley doctor`: one report for each host. */
  check(): Promise<EngineReport[]>
  /** What is gathered in memory is written first. */
  close(): Promise<void>
}

/** Connects, makes keyspace and tables where they are missing. @throws Error that says what to change */
export async function openCassandra(text: string, options: CassandraOptions): Promise<Cassandra> {
  const { clock, random, logger, node } = options
  const url = parseCassandraUrl(text)
  const { client, levels, replication } = await connectAtLast(url, logger, clock)
  const connection = new CassandraConnection(client, levels, options.counts)
  try {
    if (!options.unsafeDurability) {
      const ask = () => commitlogSyncs(connection.hosts(), (host, query) => connection.on(host, query))
      refuseUnsafe(await onceAnswered(ask, clock))
    }
    await makeTables(client, migrations, { clock, owner: node, levels })
    const time = new QueueTime({ clock, lateness, measure: () => medianSkew(connection, clock) })
    const stopMeasuring = await onceAnswered(() => time.start(), clock)
    const rows = new QueueRows(connection, time, random)
    const stores = new CassandraStores(connection, rows, options)
    stores.start()
    const { log, conversations, receipts, logImport, ownImport, receiptImport } = stores
    const queueImport = new CassandraQueueImport(connection, clock)
    return {
      connection,
      log,
      conversations,
      receipts,
      queue: new CassandraSyncQueue(connection, rows, time),
      imports: { log: logImport, own: ownImport, receipts: receiptImport, queue: queueImport },
      rows,
      time,
      check: () => checkCassandra(connection, clock, { keyspace: url.keyspace, asked: url.replication, replication }),
      close: async () => {
        stopMeasuring()
        await stores.stop().finally(() => connection.close())
      },
    }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** A client of the keyspace, which is made where it is missing. */
async function connectAtLast(url: CassandraUrl, logger: Logger, clock: Clock) {
  const driver = await loadDriver()
  const { keyspace } = url
  const first = await connect(driver, url, logger, undefined)
  try {
    const dataCenter = await nearestDataCenter(first, url)
    const replication = await makeKeyspace(first, url, dataCenter, clock)
    const levels = levelsOf(driver, reachOf(url.consistency, replication))
    const client = await onceUsable(() => connect(driver, url, logger, { dataCenter, keyspace }), clock)
    return { client, levels, replication }
  } finally {
    await first.shutdown()
  }
}
