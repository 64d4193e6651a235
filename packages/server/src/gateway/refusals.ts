import { type ConversationId, isRetryable } from '@parley/protocol'
import type { AppError } from '../lib/errors.ts'

interface Refusal {
  clientMessageId: string
  error: AppError
}

/**
 * Keeps a device's messages in order across refusals (rule D3): after a retryable refusal later sends to that
 * conversation get the same code, until the refused one comes again.
 */
export class Refusals {
  #byConversation: Map<ConversationId, Refusal> | undefined

  /** The error that a send must be answered with, unexecuted. */
  check(conversation: ConversationId, clientMessageId: string): AppError | undefined {
    const refusal = this.#byConversation?.get(conversation)
    if (!refusal) return undefined
    if (refusal.clientMessageId !== clientMessageId) return refusal.error
    this.#byConversation?.delete(conversation)
    return undefined
  }

  note(conversation: ConversationId, clientMessageId: string, error: AppError): void {
    if (!isRetryable(error.code) || this.#byConversation?.has(conversation)) return
    this.#byConversation ??= new Map()
    this.#byConversation.set(conversation, { clientMessageId, error })
  }
}
