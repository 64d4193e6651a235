import type { ConversationId, UserId } from '@parley/protocol'
import type { Place } from '../sync/place.ts'
import type { ProjectionChange } from './conversation-record.ts'
import type { Entry, EntryKind, Head } from './entry.ts'

export interface NewEntry extends Entry {
  /** SHA-256 in hex of what was sent, for rule D2. Present exactly when `clientMessageId` is. */
  fingerprint: string | undefined
}

/** The entries with seqs `from`..`to` go to `users`, each of whom gets one place for the whole range. */
export interface Audience {
  users: readonly UserId[]
  from: number
  to: number
}

export interface AppendBatch {
  conversation: ConversationId
  /** The head's seq that everything here was decided on. */
  expect: number
  /** Their seqs are expect+1, expect+2, …; at least one. No (sender, clientMessageId) twice. */
  entries: readonly NewEntry[]
  /** The head as it is after the batch. */
  head: Head
  /**
   * In seq order; the ranges do not overlap for one user. They are who is a member before or after each entry, as the
   * projections tell (`inInterval`): what an appender left undone others do from those.
   */
  audiences: readonly Audience[]
  /** Rows by user and by conversation that follow from the entries. */
  projection: ProjectionChange | undefined
}

/** Entries with after < seq < before: the lowest `limit` of them, or with `newest` the highest. */
export interface EntryRange {
  after: number
  before: number
  limit: number
  newest?: boolean
  /** Leave out every other kind. */
  kind?: EntryKind
}

/** What is kept of a send for 30 days, for rule D2. */
export interface StoredSend {
  seq: number
  id: string
  at: number
  fingerprint: string
}

export type AppendOutcome =
  | { status: 'appended'; places: readonly Place[] }
  /** The log is not at `expect`: nothing was written. */
  | { status: 'moved'; head: Head }
  /** Entries (by index) whose (sender, clientMessageId) is stored already: nothing was written. */
  | { status: 'duplicate'; sends: ReadonlyMap<number, StoredSend> }

/**
 * Port: the log of each conversation, together with the members' places on their sync queues.
 *
 * Order: `append` is conditional on the head, so there is one order per conversation whoever appends.
 * Atomicity: all entries of a batch or none.
 * Durability: when `append` resolves as appended, entries AND places (and the projection) are durable,
 *   and places of one conversation are visible in seq order.
 * Idempotency: a (conversation, sender, clientMessageId) is stored once, for at least 30 days; a stored one is
 *   reported before a moved head is.
 * Unknown outcome: when `append` rejects (AppError `unavailable`), the batch may or may not have been written.
 *   Repeating it, or `findSend`, tells; whatever was written is completed by `complete`.
 */
export interface ConversationLog {
  append(batch: AppendBatch): Promise<AppendOutcome>
  /**
   * Resolves when a batch may best be decided: one that is appended at once then is stored no later than if it were
   * appended now, and what is sent until then can be part of it. undefined, or absent: that is now.
   */
  moment?(): Promise<void> | undefined
  /** Finishes what an appender left between entry and places; resolves when everything up to the head is placed. */
  complete(conversation: ConversationId): Promise<void>
  /**
   * Completes what nodes left that are not among `live` (the coordinator's ids), so that what is stored is on every
   * member's queue in the end also when its sender never returns. Harmless for a node that lives all the same.
   * @returns how many conversations were looked at; of nodes that are gone for long none a second time
   */
  completeLeft(live: ReadonlySet<string>): Promise<number>
  findSend(conversation: ConversationId, sender: UserId, clientMessageId: string): Promise<StoredSend | undefined>
  /** Linearizable; undefined when nothing is known of the conversation's log. */
  head(conversation: ConversationId): Promise<Head | undefined>
  /** Entries in a range, ascending. */
  read(conversation: ConversationId, range: EntryRange): Promise<Entry[]>
  /**
   * Entries that amend the messages from..to (inclusive): for each target the newest edit, delete, and reaction per user.
   * Ascending by their own seq.
   */
  amendments(conversation: ConversationId, from: number, to: number): Promise<Entry[]>
  /** Messages by `sender` with after < seq ≤ upTo. */
  countOwn(conversation: ConversationId, sender: UserId, after: number, upTo: number): Promise<number>
  /** Distinct senders of messages with after < seq ≤ upTo. */
  authors(conversation: ConversationId, after: number, upTo: number): Promise<UserId[]>
  /** Forgets sends older than `before` (ms); returns how many, at most `limit`. */
  trimSends(before: number, limit: number): Promise<number>
}
