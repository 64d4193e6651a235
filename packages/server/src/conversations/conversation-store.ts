import type { ConversationId, UserId } from '@parley/protocol'
import type { ConversationRecord } from '../log/conversation-record.ts'
import type { Head } from '../log/entry.ts'
import type { OwnStore } from './own-store.ts'

export interface InboxRow {
  conversation: ConversationId
  /** Time of the newest entry; orders the inbox. */
  at: number
}

/**
 * Port: conversations and memberships as rows, and what each member keeps for themselves (`OwnStore`).
 * Rows that follow from log entries are written by `ConversationLog.append` (`ProjectionChange`), never here.
 * Every write is idempotent; a write that rejects as `unavailable` may have been done.
 */
export interface ConversationStore extends OwnStore {
  /**
   * The record as far as it was projected (`asOf` ≤ the head; the head itself where projections are never behind),
   * and the head of the log. Undefined when there is none.
   */
  load(conversation: ConversationId): Promise<{ record: ConversationRecord; head: Head } | undefined>
  /**
   * Inserts a direct conversation unless it is there; true when this call made it. Both members' marks start at 0.
   * Until it has a message only `creator` has it in the inbox.
   */
  createDirect(record: ConversationRecord, creator: UserId): Promise<boolean>
  /** Conversations that the user is in now. */
  conversationsOf(user: UserId): Promise<ConversationId[]>
  /**
   * The conversations that the user is in, by newest activity, those of kind direct only once they have a message.
   * `before` continues behind that row. At most `limit`. In a cluster the activity of a busy conversation may be up to a
   * second or so old.
   */
  inbox(user: UserId, before: InboxRow | undefined, limit: number): Promise<InboxRow[]>
  /** Conversations with an entry at or after `at` (ms), in order of `at`; for what runs behind the log. */
  activeSince(at: number, limit: number): Promise<InboxRow[]>
}
