import type { ConversationId } from '@parley/protocol'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { KeyPage } from '../lib/key-page.ts'
import { Turns } from '../lib/turns.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { LogExport, LogImport, MovedConversation, MovedEntry } from '../log/log-move.ts'
import type { MessageSearch } from '../messages/message-search.ts'
import { documentsOf } from '../messages/search-document.ts'
import { LogComparison } from './log-comparison.ts'
import type { Comparison, Move } from './move.ts'

const entriesAtOnce = 500
const conversationsAtOnce = 12

/** Where conversations go. */
export interface LogTarget {
  import: LogImport
  log: Pick<ConversationLog, 'read' | 'amendments'>
  conversations: Pick<ConversationStore, 'load'>
  search: Pick<MessageSearch, 'index'>
}

/** Conversations: entries with ids, seqs and counts, what is kept of sends, amendments, heads, members; and the search. */
export class LogMove implements Move {
  readonly kind = 'logs'
  readonly keysAre = 'conversations'
  readonly #source
  readonly #target
  readonly #comparison

  constructor(source: LogExport, target: LogTarget, now: () => number) {
    this.#source = source
    this.#target = target
    this.#comparison = new LogComparison(source, target, now)
  }

  page(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#source.pageOfConversations(after, limit)
  }

  async copy(ids: readonly ConversationId[]): Promise<number> {
    const arrived = await this.#target.import.arrived(ids)
    const conversations = await this.#source.conversations(ids)
    const turns = new Turns(conversationsAtOnce)
    const counts = await Promise.all(
      conversations.map((one) => turns.take(() => this.#copyOne(one, arrived.get(one.record.id) ?? 0))),
    )
    return counts.reduce((sum, count) => sum + count, 0)
  }

  compare(ids: readonly ConversationId[], extent: 'whole' | 'recent'): Promise<Map<string, Comparison>> {
    return this.#comparison.compare(ids, extent)
  }

  async #copyOne(conversation: MovedConversation, arrived: number): Promise<number> {
    const { id } = conversation.record
    const head = conversation.head?.seq ?? 0
    if (arrived > head)
      throw new Error(`Conversation ${id} has more entries there than here: it is not the same service.`)
    let rows = 0
    const put = async (entries: readonly MovedEntry[]): Promise<void> => {
      await Promise.all([
        this.#target.import.putEntries(id, entries, head),
        this.#target.search.index(documentsOf(entries), undefined),
      ])
      rows += entries.length
    }
    // What was deleted since loses its words there too.
    if (arrived > 0) {
      const emptied = await this.#source.emptied(id, arrived, head)
      if (emptied.length > 0) await put(emptied)
    }
    for (let after = arrived; after < head; ) {
      const entries = await this.#source.entries(id, after, head, entriesAtOnce)
      const last = entries.at(-1)
      if (!last) throw new Error(`Entry ${after + 1} of conversation ${id} is missing.`)
      await put(entries)
      after = last.seq
    }
    await this.#target.import.finish(conversation)
    return rows
  }
}
