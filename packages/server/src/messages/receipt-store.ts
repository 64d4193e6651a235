import type { ConversationId, UserId } from '@parley/protocol'
import type { Place } from '../sync/place.ts'

export type ReceiptKind = 'delivered' | 'read'

/** Everything up to `upTo` was delivered to, or read by, `user` at `at`. */
export interface Watermark {
  conversation: ConversationId
  user: UserId
  kind: ReceiptKind
  upTo: number
  at: number
}

/** What an author is told of members' watermarks: a `receipts` Update as JSON, for the queue of `user`. */
export interface ReceiptNotice {
  conversation: ConversationId
  user: UserId
  update: string
}

/**
 * Port: the history of each member's two watermarks; at most one row per member, conversation, kind and second.
 * Forward only: a watermark at or behind the stored one changes nothing. Idempotent.
 */
export interface ReceiptStore {
  /**
   * Saves watermarks, and puts on authors' queues what tells of them. Of one conversation all of it is one atomic step:
   * when it resolves it is durable; otherwise all or nothing of it is, now or some time later, so that whoever finds a
   * watermark knows that its authors are told (an engine without transactions uses a logged batch). Repeating it puts
   * the notices again, harmlessly. @returns the places of `notices`, in their order.
   */
  save(watermarks: readonly Watermark[], notices: readonly ReceiptNotice[]): Promise<Place[]>
  /** The newest watermark of every member. */
  latest(conversation: ConversationId): Promise<Watermark[]>
  /** Per member and kind the first watermark with upTo ≥ seq: when that message was delivered and seen. */
  firstCovering(conversation: ConversationId, seq: number): Promise<Watermark[]>
  /** All rows with upTo ≥ from of these users, ascending by upTo, and for each the first one beyond `to`. */
  covering(conversation: ConversationId, users: readonly UserId[], from: number, to: number): Promise<Watermark[]>
}
