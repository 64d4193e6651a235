import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { Random } from '../../lib/random.ts'
import { ActiveConversations } from './active-conversations.ts'
import { Amendments } from './amendments.ts'
import { Appender } from './appender.ts'
import { Buckets } from './buckets.ts'
import { Completion } from './completion.ts'
import type { CassandraConnection } from './connection.ts'
import { CassandraConversationLog } from './conversation-log.ts'
import { CassandraConversationStore } from './conversation-store.ts'
import { Directs } from './directs.ts'
import { FannedRegister } from './fanned.ts'
import { InboxRows } from './inbox-rows.ts'
import { Intents } from './intents.ts'
import { LaneNotes } from './lane-notes.ts'
import { LeftLanes } from './left-lanes.ts'
import { LogHeads } from './log-heads.ts'
import { CassandraLogImport } from './log-move.ts'
import { LogReader } from './log-reader.ts'
import { CassandraOwnImport } from './own-move.ts'
import type { QueueRows } from './queue-rows.ts'
import { CassandraReceiptImport } from './receipt-move.ts'
import { CassandraReceiptStore } from './receipt-store.ts'
import { Repairs } from './repairs.ts'
import { Sends } from './sends.ts'

export interface StoreOptions {
  clock: Clock
  random: Random
  logger: Logger
  /** This node's id, another one after each start. */
  node: string
  /** Entries in one partition of the log; for tests of its borders. */
  bucketEntries?: number
}

/** The stores of one node over one connection. */
export class CassandraStores {
  readonly log: CassandraConversationLog
  readonly conversations: CassandraConversationStore
  readonly receipts: CassandraReceiptStore
  /** Ways in for what comes from one process. */
  readonly logImport: CassandraLogImport
  readonly ownImport: CassandraOwnImport
  readonly receiptImport: CassandraReceiptImport
  readonly #register
  readonly #inbox
  readonly #repairs

  constructor(connection: CassandraConnection, rows: QueueRows, options: StoreOptions) {
    const { clock, random, logger, node } = options
    const buckets = new Buckets(options.bucketEntries)
    const heads = new LogHeads(connection, buckets)
    const amendments = new Amendments(connection, buckets)
    const reader = new LogReader(connection, buckets, heads, amendments)
    const register = new FannedRegister(connection, clock)
    const inbox = new InboxRows(connection, clock)
    const directs = new Directs(connection)
    const completion = new Completion({ connection, rows, register, inbox, amendments, heads, reader, directs })
    const sends = new Sends(connection)
    const appender = new Appender({ connection, buckets, heads, sends, clock, random })
    const lanes = new LaneNotes(connection, node, clock)
    const intents = new Intents(connection, rows, lanes, node)
    const left = new LeftLanes({ cql: connection, completion, intents, node, clock, logger })
    const active = new ActiveConversations(connection, heads, register, clock)
    this.log = new CassandraConversationLog({
      appender,
      completion,
      register,
      lanes,
      left,
      heads,
      reader,
      amendments,
      rows,
      clock,
      logger,
    })
    this.conversations = new CassandraConversationStore({
      connection,
      rows,
      directs,
      completion,
      register,
      heads,
      active,
    })
    this.receipts = new CassandraReceiptStore(connection, rows, intents)
    this.logImport = new CassandraLogImport({ connection, buckets, sends, register, amendments, directs, clock })
    this.ownImport = new CassandraOwnImport(connection)
    this.receiptImport = new CassandraReceiptImport(connection)
    this.#register = register
    this.#inbox = inbox
    this.#repairs = new Repairs({ lanes, completion, intents, clock, logger })
  }

  /** From now on what this node leaves unfinished is finished in the background. */
  start(): void {
    this.#repairs.start()
  }

  /** Writes what is gathered in memory, and says what is finished. What cannot be written others find out. */
  async stop(): Promise<void> {
    await this.#repairs.stop()
    await Promise.allSettled([this.#register.flush(), this.#inbox.flush()])
  }
}
