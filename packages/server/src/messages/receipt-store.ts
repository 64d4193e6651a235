import type { ConversationId, UserId } from '@parley/protocol'

export type ReceiptKind = 'delivered' | 'read'

/** Everything up to `upTo` was delivered to, or read by, `user` at `at`. */
export interface Watermark {
  conversation: ConversationId
  user: UserId
  kind: ReceiptKind
  upTo: number
  at: number
}

/**
 * Port: the history of each member's two watermarks; at most one row per member, conversation, kind and second.
 * Forward only: a watermark at or behind the stored one changes nothing. Idempotent.
 */
export interface ReceiptStore {
  /** Durable when it resolves; a receipt is told to anyone only afterwards. */
  save(watermarks: readonly Watermark[]): Promise<void>
  /** The newest watermark of every member. */
  latest(conversation: ConversationId): Promise<Watermark[]>
  /** Per member and kind the first watermark with upTo ≥ seq: when that message was delivered and seen. */
  firstCovering(conversation: ConversationId, seq: number): Promise<Watermark[]>
  /** All rows with upTo ≥ from of these users, ascending by upTo, and for each the first one beyond `to`. */
  covering(conversation: ConversationId, users: readonly UserId[], from: number, to: number): Promise<Watermark[]>
}
