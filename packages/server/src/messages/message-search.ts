import type { ConversationId } from '@parley/protocol'

export interface SearchHit {
  conversation: ConversationId
  seq: number
}

export interface SearchDocument extends SearchHit {
  id: string
  /** undefined: remove the document. */
  text: string | undefined
}

/** Port: full-text search, fed behind the log by an indexer with its own durable position. */
export interface MessageSearch {
  /**
   * Replaces or removes documents and moves the indexer's position, together. Idempotent. Without a position it stays
   * where it is.
   */
  index(documents: readonly SearchDocument[], position: string | undefined): Promise<void>
  position(): Promise<string | undefined>
  /**
   * Messages of these conversations that hold all words of `query`, whatever their case, the last one perhaps as the
   * beginning of a word; by id, newest first. Nothing in `query` has a special meaning; without a word nothing is found.
   */
  search(query: string, conversations: readonly ConversationId[], limit: number): Promise<SearchHit[]>
}
