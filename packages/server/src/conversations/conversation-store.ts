import type { ConversationId, Settings, UserId } from '@parley/protocol'
import type { ConversationRecord } from '../log/conversation-record.ts'
import type { Head } from '../log/entry.ts'
import type { Place } from '../sync/place.ts'

export interface InboxRow {
  conversation: ConversationId
  /** Time of the newest entry; orders the inbox. */
  at: number
}

/** How far a member has read, with the counts of the log there (unread is a subtraction). */
export interface ReadMark {
  read: number
  /** Messages of everybody up to `read`. */
  messages: number
  /** The member's own messages up to `read`. */
  own: number
}

/**
 * Port: conversations and memberships as rows, and what each member keeps for themselves.
 * Rows that follow from log entries are written by `ConversationLog.append` (`ProjectionChange`), never here.
 * Every write is idempotent; a write that rejects as `unavailable` may have been done.
 *
 * What members keep for themselves is saved and told in one atomic step: with it `update` (an Update as JSON) is put on
 * the member's own sync queue. When it resolves both are durable; otherwise both or neither, now or some time later,
 * never one alone (an engine without transactions uses a logged batch). Repeating it puts the update again. Of settings
 * that are saved at once, those that stay are those of the last row.
 */
export interface ConversationStore {
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
  settings(user: UserId, conversation: ConversationId): Promise<Settings>
  saveSettings(user: UserId, conversation: ConversationId, settings: Settings, update: string): Promise<Place[]>
  readMark(user: UserId, conversation: ConversationId): Promise<ReadMark | undefined>
  /**
   * Forward only. The mark that is stored already is told again; one behind it changes nothing and is not told (an engine
   * that cannot see that in one step may tell it: devices keep the newer one).
   */
  saveReadMark(user: UserId, conversation: ConversationId, mark: ReadMark, update: string): Promise<Place[]>
  /** Deleted for this user alone. */
  hide(user: UserId, conversation: ConversationId, seq: number, update: string): Promise<Place[]>
  hidden(user: UserId, conversation: ConversationId, from: number, to: number): Promise<number[]>
}
