import type { ConversationId, UserId } from '@parley/protocol'
import type { AppendBatch, AppendOutcome, ConversationLog, EntryRange, StoredSend } from '../../log/conversation-log.ts'
import type { Entry, Head } from '../../log/entry.ts'
import type { Place } from '../../sync/place.ts'
import type { Pointer } from '../../sync/sync-queue.ts'
import type { Faults } from './faults.ts'

/** A log whose append can be left half done. */
export interface HalvedLog extends ConversationLog {
  /** Entries, head and sends; undefined when they were written. */
  store(batch: AppendBatch): Exclude<AppendOutcome, { status: 'appended' }> | undefined
  /** Batches whose places are not known to be complete, oldest first. */
  unfinished(conversation: ConversationId): readonly AppendBatch[]
  /** Conversations with such batches. */
  left(): readonly ConversationId[]
  place(user: UserId, pointer: Pointer): Place | Promise<Place>
  finish(batch: AppendBatch): void
}

/**
 * Appends as an engine without transactions across partitions does: entries in one step, then place after place, then
 * a mark that says so. Nodes die between the steps; others finish what they left, from its beginning, so that rows
 * come twice. Before a batch is stored those before it are finished: that keeps places in seq order.
 */
export class UnsteadyConversationLog implements ConversationLog {
  readonly #log: HalvedLog
  readonly #faults: Faults

  constructor(log: HalvedLog, faults: Faults) {
    this.#log = log
    this.#faults = faults
  }

  append(batch: AppendBatch): Promise<AppendOutcome> {
    return this.#faults.call(() => this.#append(batch), true)
  }

  complete(conversation: ConversationId): Promise<void> {
    return this.#faults.call(async () => {
      await this.#finish(conversation, undefined)
    }, true)
  }

  completeLeft(): Promise<number> {
    return this.#faults.call(async () => {
      const left = this.#log.left()
      for (const conversation of left) await this.#finish(conversation, undefined)
      return left.length
    }, true)
  }

  async #append(batch: AppendBatch): Promise<AppendOutcome> {
    await this.#finish(batch.conversation, undefined)
    const refused = this.#log.store(batch)
    if (refused) return refused
    return { status: 'appended', places: await this.#finish(batch.conversation, batch) }
  }

  async #finish(conversation: ConversationId, own: AppendBatch | undefined): Promise<Place[]> {
    const places: Place[] = []
    for (let [batch] = this.#log.unfinished(conversation); batch; [batch] = this.#log.unfinished(conversation)) {
      for (const { users, from, to } of batch.audiences) {
        for (const user of users) {
          await this.#faults.step()
          const place = await this.#log.place(user, { kind: 'entries', conversation, from, to })
          if (batch === own) places.push(place)
        }
      }
      await this.#faults.step()
      this.#log.finish(batch)
    }
    return places
  }

  findSend(conversation: ConversationId, sender: UserId, clientMessageId: string): Promise<StoredSend | undefined> {
    return this.#faults.call(() => this.#log.findSend(conversation, sender, clientMessageId), false)
  }

  head(conversation: ConversationId): Promise<Head | undefined> {
    return this.#faults.call(() => this.#log.head(conversation), false)
  }

  read(conversation: ConversationId, range: EntryRange): Promise<Entry[]> {
    return this.#faults.call(() => this.#log.read(conversation, range), false)
  }

  amendments(conversation: ConversationId, from: number, to: number): Promise<Entry[]> {
    return this.#faults.call(() => this.#log.amendments(conversation, from, to), false)
  }

  countOwn(conversation: ConversationId, sender: UserId, after: number, upTo: number): Promise<number> {
    return this.#faults.call(() => this.#log.countOwn(conversation, sender, after, upTo), false)
  }

  authors(conversation: ConversationId, after: number, upTo: number): Promise<UserId[]> {
    return this.#faults.call(() => this.#log.authors(conversation, after, upTo), false)
  }

  trimSends(before: number, limit: number): Promise<number> {
    return this.#faults.call(() => this.#log.trimSends(before, limit), false)
  }
}
