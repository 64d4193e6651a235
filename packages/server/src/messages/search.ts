import type { Message } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { ConversationService } from '../conversations/conversations.ts'
import { AppError } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { History } from './history.ts'
import type { MessageSearch } from './message-search.ts'
import type { SearchIndexer } from './search-indexer.ts'

export interface SearchRequest {
  query: string
  conversation?: string | undefined
  limit: number
}

/** Full-text search over what the caller may read: membership is checked when asked, not when indexed. */
export class Search {
  readonly #conversations
  readonly #store
  readonly #log
  readonly #history
  readonly #index
  readonly #indexer

  constructor(deps: {
    conversations: ConversationService
    store: ConversationStore
    log: ConversationLog
    history: History
    index: MessageSearch
    indexer: SearchIndexer
  }) {
    this.#conversations = deps.conversations
    this.#store = deps.store
    this.#log = deps.log
    this.#history = deps.history
    this.#index = deps.index
    this.#indexer = deps.indexer
  }

  async find({ user }: Identity, { query, conversation, limit }: SearchRequest): Promise<Message[]> {
    if (conversation !== undefined) await this.#conversations.stateFor(user, conversation)
    const where = conversation === undefined ? await this.#store.conversationsOf(user) : [conversation]
    await this.#indexer.upToDate(where)
    const hits = await this.#index.search(query, where, limit)
    const found = await Promise.all(hits.map((hit) => this.#message(user, hit.conversation, hit.seq)))
    return found.flat()
  }

  async #message(user: string, conversation: string, seq: number): Promise<Message[]> {
    try {
      const state = await this.#conversations.stateFor(user, conversation)
      const entries = await this.#log.read(conversation, { after: seq - 1, before: seq + 1, limit: 1, kind: 'message' })
      const messages = await this.#history.render(state, user, entries)
      // The index may lag behind a deletion.
      return messages.filter((message) => message.deletedAt === undefined)
    } catch (error) {
      // Left in the meantime.
      if (error instanceof AppError && error.code === 'not_found') return []
      throw error
    }
  }
}
