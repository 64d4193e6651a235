import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Random } from '../../lib/random.ts'
import { ActiveConversations } from './active-conversations.ts'
import { Amendments } from './amendments.ts'
import { Appender } from './appender.ts'
import { Buckets } from './buckets.ts'
import { checkCassandra, type Finding } from './checks.ts'
import { connect } from './client.ts'
import { medianSkew } from './clock-skew.ts'
import { Completion } from './completion.ts'
import { CassandraConnection } from './connection.ts'
import { parseCassandraUrl } from './connection-url.ts'
import { levelsOf, reachOf } from './consistency.ts'
import { CassandraConversationLog } from './conversation-log.ts'
import { CassandraConversationStore } from './conversation-store.ts'
import { Directs } from './directs.ts'
import { loadDriver } from './driver.ts'
import { commitlogSyncs, refuseUnsafe } from './durability.ts'
import { FannedRegister } from './fanned.ts'
import { InboxRows } from './inbox-rows.ts'
import { Intents } from './intents.ts'
import { makeKeyspace, nearestDataCenter } from './keyspace.ts'
import { LaneNotes } from './lane-notes.ts'
import { LeftLanes } from './left-lanes.ts'
import { LogHeads } from './log-heads.ts'
import { LogReader } from './log-reader.ts'
import { migrations } from './migrations/all.ts'
import { QueueRows } from './queue-rows.ts'
import { QueueTime } from './queue-time.ts'
import { CassandraReceiptStore } from './receipt-store.ts'
import { makeTables } from './schema.ts'
import { Sends } from './sends.ts'

/** ms after its time at which a queue row is visible at the latest: W of the design. */
const lateness = 10_000

export interface CassandraOptions {
  clock: Clock
  random: Random
  logger: Logger
  /** This node's id, another one after each start. */
  node: string
  /** Accept hosts that acknowledge before it is on disk. */
  unsafeDurability?: boolean
  /** Entries in one partition of the log; for tests of its borders. */
  bucketEntries?: number
}

export interface Cassandra {
  connection: CassandraConnection
  log: CassandraConversationLog
  conversations: CassandraConversationStore
  receipts: CassandraReceiptStore
  rows: QueueRows
  time: QueueTime
  /** For `parley doctor`. */
  check(): Promise<Finding[]>
  /** What is gathered in memory is written first. */
  close(): Promise<void>
}

/** Connects, makes keyspace and tables where they are missing. @throws Error that says what to change */
export async function openCassandra(text: string, options: CassandraOptions): Promise<Cassandra> {
  const { clock, random, logger, node } = options
  const url = parseCassandraUrl(text)
  const driver = await loadDriver()
  const first = await connect(driver, url, logger, undefined)
  const { dataCenter, replication } = await (async () => {
    try {
      const near = await nearestDataCenter(first, url)
      return { dataCenter: near, replication: await makeKeyspace(first, url, near) }
    } finally {
      await first.shutdown()
    }
  })()
  const levels = levelsOf(driver, reachOf(url.consistency, replication))
  const client = await connect(driver, url, logger, { dataCenter, keyspace: url.keyspace })
  const connection = new CassandraConnection(client, levels)
  try {
    if (!options.unsafeDurability) {
      refuseUnsafe(await commitlogSyncs(connection.hosts(), (host, query) => connection.on(host, query)))
    }
    await makeTables(client, migrations, { clock, owner: node, levels })
    const time = new QueueTime({ clock, lateness, measure: () => medianSkew(connection, clock) })
    const stopMeasuring = await time.start()
    const stores = storesOver(connection, new QueueRows(connection, time, random), options)
    stores.log.start()
    return {
      connection,
      ...stores,
      time,
      check: () =>
        checkCassandra(connection, clock, {
          keyspace: url.keyspace,
          replication,
          asked: url.replication,
          allowed: lateness / 4,
        }),
      close: async () => {
        stopMeasuring()
        await stores.close()
        await connection.close()
      },
    }
  } catch (error) {
    await connection.close()
    throw error
  }
}

function storesOver(connection: CassandraConnection, rows: QueueRows, options: CassandraOptions) {
  const { clock, random, logger, node, bucketEntries } = options
  const buckets = new Buckets(bucketEntries)
  const heads = new LogHeads(connection, buckets)
  const amendments = new Amendments(connection, buckets)
  const reader = new LogReader(connection, buckets, heads, amendments)
  const register = new FannedRegister(connection, clock)
  const inbox = new InboxRows(connection, clock)
  const directs = new Directs(connection)
  const completion = new Completion({ connection, rows, register, inbox, amendments, heads, reader, directs })
  const lanes = new LaneNotes(connection, node, clock)
  const intents = new Intents(connection, rows, lanes, node)
  const log = new CassandraConversationLog({
    appender: new Appender({ connection, buckets, heads, sends: new Sends(connection), clock, random }),
    completion,
    register,
    lanes,
    left: new LeftLanes({ cql: connection, completion, intents, node, clock, logger }),
    intents,
    heads,
    reader,
    amendments,
    clock,
    logger,
  })
  const active = new ActiveConversations(connection, heads, register, clock)
  return {
    rows,
    log,
    conversations: new CassandraConversationStore({ connection, rows, directs, completion, register, heads, active }),
    receipts: new CassandraReceiptStore(connection, rows, intents),
    async close(): Promise<void> {
      await log.stop()
      await inbox.flush()
    },
  }
}
