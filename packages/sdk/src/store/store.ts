import type { ConversationId, User } from '@parley/protocol'
import type { OutboxItem, StoredConversation, StoredMessage, StoredSession } from './records.ts'

/** What a device keeps, messages aside: small, read once at the start. */
export interface StoredState {
  session: StoredSession | undefined
  /** The `pos` of the last event applied with all before it (rule Y1). */
  cursor: string | undefined
  conversations: StoredConversation[]
  /** Ascending by `order`. */
  outbox: OutboxItem[]
  users: User[]
}

/** One step of a device: all of it is stored, or nothing. */
export interface Batch {
  /** Done before the rest: messages, conversations and the cursor go; session, outbox and users stay (rule Y4). */
  dropEntries?: true
  /** Done before the rest: everything goes. */
  dropAll?: true
  /** Done before the rest: messages before `before` go. */
  cleared?: { conversation: ConversationId; before: number }[]
  session?: StoredSession
  /** null: there is none. */
  cursor?: string | null
  /** Replaced by id. */
  conversations?: StoredConversation[]
  /** Replaced by (conversation, seq). */
  messages?: StoredMessage[]
  /** Replaced by order. */
  outbox?: OutboxItem[]
  /** Orders of outbox items that are done. */
  settled?: number[]
  /** Replaced by id. */
  users?: User[]
}

export interface MessageRange {
  /** First seq. */
  from: number
  /** First seq that is not in the range. */
  before: number
  /** At most so many, the newest unless said otherwise. */
  limit: number
  oldest?: boolean
}

/**
 * Where a device keeps what it knows. One client uses a store at a time.
 * - `apply` is atomic: after a crash all of a batch is there or none of it; batches are applied in the order given.
 * - When it resolves the batch is as durable as the store can make it: an event is acknowledged after that.
 * - Records belong to the store once given and to the caller once returned; neither side changes them.
 */
export interface Store {
  load(): Promise<StoredState>
  apply(batch: Batch): Promise<void>
  /** Ascending by seq. */
  messages(conversation: ConversationId, range: MessageRange): Promise<StoredMessage[]>
  close(): Promise<void>
}
