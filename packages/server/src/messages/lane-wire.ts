import type { ConversationId, ErrorCode } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import { AppError } from '../lib/errors.ts'
import type { Appended } from '../log/operation.ts'
import type { SendRequest } from './sender.ts'

/** A send on its way to the node of its conversation's lane. */
export type RawSend = [epoch: number, user: string, device: string, request: SendRequest]

export type RawOutcome = [seq: number, id: string, at: number, duplicate: boolean] | RawError

export interface RawError {
  code: ErrorCode
  message: string
  field?: string
  retryAfter?: number
}

/** Without fields that are undefined: what is not there is not sent. */
export function encodeSend(epoch: number, { user, device }: Identity, request: SendRequest): RawSend {
  const { conversation, clientMessageId, content, replyTo, mentions } = request
  const plain: SendRequest = { conversation, clientMessageId, content }
  if (replyTo !== undefined) plain.replyTo = replyTo
  if (mentions !== undefined) plain.mentions = mentions
  return [epoch, user, device, plain]
}

export function encodeOutcome(outcome: Appended | AppError): RawOutcome {
  if (outcome instanceof AppError) return encodeError(outcome)
  return [outcome.seq, outcome.id, outcome.at, outcome.duplicate]
}

export function decodeOutcome(conversation: ConversationId, raw: RawOutcome): Appended | AppError {
  if (!Array.isArray(raw)) return decodeError(raw)
  const [seq, id, at, duplicate] = raw
  return { conversation, seq, id, at, duplicate }
}

export function encodeError({ code, message, field, retryAfter }: AppError): RawError {
  return {
    code,
    message,
    ...(field === undefined ? {} : { field }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

export function decodeError({ code, message, field, retryAfter }: RawError): AppError {
  return new AppError(code, message, {
    ...(field === undefined ? {} : { field }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  })
}
