import type { ConversationId, UserId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import type { AppendBatch, AppendOutcome, ConversationLog, EntryRange, StoredSend } from '../../log/conversation-log.ts'
import type { Entry, Head } from '../../log/entry.ts'
import type { Amendments } from './amendments.ts'
import type { Appender } from './appender.ts'
import type { Completion } from './completion.ts'
import type { FannedRegister } from './fanned.ts'
import type { LaneNotes } from './lane-notes.ts'
import type { LeftLanes } from './left-lanes.ts'
import type { LogHeads } from './log-heads.ts'
import type { LogReader } from './log-reader.ts'
import { sendKey } from './log-rows.ts'
import type { QueueRows } from './queue-rows.ts'

/** Entries younger than this (ms) may still be on their way to the queues, by who appended them. */
const finishing = 10_000

/**
 * An append is a conditional write in one partition, and then what follows from it: queue places, projections,
 * amendments, the mark that they are done. Whoever meets a log that is not marked up to its head finishes it.
 */
export class CassandraConversationLog implements ConversationLog {
  readonly #appender
  readonly #completion
  readonly #register
  readonly #lanes
  readonly #left
  readonly #heads
  readonly #reader
  readonly #amendments
  readonly #rows
  readonly #clock
  readonly #logger

  constructor(deps: {
    appender: Appender
    completion: Completion
    register: FannedRegister
    lanes: LaneNotes
    left: LeftLanes
    heads: LogHeads
    reader: LogReader
    amendments: Amendments
    rows: QueueRows
    clock: Clock
    logger: Logger
  }) {
    this.#appender = deps.appender
    this.#completion = deps.completion
    this.#register = deps.register
    this.#lanes = deps.lanes
    this.#left = deps.left
    this.#heads = deps.heads
    this.#reader = deps.reader
    this.#amendments = deps.amendments
    this.#rows = deps.rows
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  async append(batch: AppendBatch): Promise<AppendOutcome> {
    const { conversation, expect, entries, audiences, projection } = batch
    // Ids of a wrong clock would keep others from appending for as long as they lie ahead.
    this.#rows.refuseWrongClock()
    const epoch = await this.#lanes.begin(conversation)
    try {
      const known = this.#register.known(conversation)?.seq
      const others = known !== expect
      const reading = others ? this.#register.read(conversation) : undefined
      reading?.catch(() => {})
      const refused = await this.#appender.write(batch)
      if (refused?.status === 'moved' || (known !== undefined && known < expect)) this.#register.share(conversation)
      if (refused) return refused
      // Nothing is placed behind an entry that has no places yet.
      if (others) {
        await reading
        await this.#completion.completeUpTo(conversation, expect)
      }
      const projections = projection ? [projection] : []
      const after = this.#register.known(conversation)?.time ?? 0
      const { places } = await this.#completion.finish({ conversation, entries, audiences, projections }, after)
      return { status: 'appended', places }
    } catch (error) {
      epoch.left.add(conversation)
      throw error
    } finally {
      epoch.busy--
    }
  }

  complete(conversation: ConversationId): Promise<void> {
    return this.#completion.complete(conversation)
  }

  completeLeft(live: ReadonlySet<string>): Promise<number> {
    return this.#left.complete(live)
  }

  findSend(conversation: ConversationId, sender: UserId, clientMessageId: string): Promise<StoredSend | undefined> {
    return this.#appender.find(conversation, sendKey(sender, clientMessageId), this.#known(conversation))
  }

  async head(conversation: ConversationId): Promise<Head | undefined> {
    return (await this.#heads.end(conversation, this.#known(conversation))).head
  }

  async read(conversation: ConversationId, range: EntryRange): Promise<Entry[]> {
    const entries = await this.#reader.read(conversation, range, this.#known(conversation))
    const last = entries.at(-1)
    if (last && last.seq > this.#known(conversation) && last.at < this.#clock.now() - finishing) {
      await this.#finishUpTo(conversation, last.seq)
    }
    return entries
  }

  amendments(conversation: ConversationId, from: number, to: number): Promise<Entry[]> {
    return this.#amendments.of(conversation, from, to)
  }

  countOwn(conversation: ConversationId, sender: UserId, after: number, upTo: number): Promise<number> {
    return this.#reader.countOwn(conversation, sender, after, upTo)
  }

  authors(conversation: ConversationId, after: number, upTo: number): Promise<UserId[]> {
    return this.#reader.authors(conversation, after, upTo)
  }

  /** Sends go by themselves after 31 days. */
  async trimSends(): Promise<number> {
    return 0
  }

  #known(conversation: ConversationId): number {
    return this.#register.known(conversation)?.seq ?? 0
  }

  /** A reader who finds what nobody finished does it; the page is good without it. */
  async #finishUpTo(conversation: ConversationId, seq: number): Promise<void> {
    try {
      const stored = await this.#register.read(conversation)
      if (!stored || stored.seq < seq) await this.#completion.complete(conversation)
    } catch (error) {
      this.#logger.debug({ error, conversation }, 'a conversation is not finished yet')
    }
  }
}
