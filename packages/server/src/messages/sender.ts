import type { Content, ConversationId, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { AppError } from '../lib/errors.ts'
import type { Appended } from '../log/operation.ts'

export interface SendRequest {
  conversation: ConversationId
  clientMessageId: string
  content: Content
  replyTo?: number | undefined
  mentions?: readonly UserId[] | undefined
}

/** Accepts messages, here or through the node where the conversation's lane is. */
export interface Sender {
  /**
   * Puts the message in its conversation's line before it returns, so the order of calls is the order of messages.
   * `settle` is called once, when the message and its places are durable or when it is refused; after a refusal that
   * may be tried again, what stands behind it in the conversation is refused too (rule D3).
   */
  send(identity: Identity, request: SendRequest, settle: (outcome: Appended | AppError) => void): void
}
