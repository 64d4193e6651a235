import type { ConversationId, History, Role, UserId } from '@parley/protocol'

/** A stretch of a conversation's log that a member may see: seqs from..to, both included. */
export interface Interval {
  /** The entry that added the member. */
  from: number
  /** The entry that removed the member; undefined while present. */
  to: number | undefined
}

/** A user who is, or was, in a conversation. */
export interface MemberRecord {
  user: UserId
  /** null once the user has left or was removed. */
  role: Role | null
  /** Ascending; the last is open while present. */
  intervals: readonly Interval[]
}

/** A conversation as the log says it was at `asOf`. */
export interface ConversationRecord {
  id: ConversationId
  kind: 'direct' | 'group'
  title: string | undefined
  description: string | undefined
  avatar: string | undefined
  history: History
  createdAt: number
  /** Pinned messages, the oldest pin first. */
  pins: readonly number[]
  members: ReadonlyMap<UserId, MemberRecord>
  /** The seq up to which this record reflects the log. */
  asOf: number
}

/** What entries change in the rows by user and by conversation. Written with the entries, idempotent. */
export interface ProjectionChange {
  /** The conversation's own row as it is now, `members` aside. */
  conversation: Omit<ConversationRecord, 'members'>
  /** Members whose record changed. */
  members: readonly MemberRecord[]
  /**
   * Read watermarks to start, for those who joined: everything before the joining entry counts as read.
   * `messages` and `own` are the counts of the log at `read`.
   */
  joined: readonly { user: UserId; read: number; messages: number; own: number }[]
}
