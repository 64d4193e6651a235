import { ClosedError, OfflineError, ParleyError } from '@parley/client'
import type { ErrorCode } from '@parley/protocol'

/** An error as it travels between tabs. */
export interface Failure {
  name: string
  message: string
  code?: ErrorCode
  field?: string | undefined
  retryAfter?: number | undefined
}

export function toFailure(error: unknown): Failure {
  if (error instanceof ParleyError) {
    const { name, message, code, field, retryAfter } = error
    return { name, message, code, field, retryAfter }
  }
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) }
}

export function fromFailure({ name, message, code, field, retryAfter }: Failure): Error {
  if (code)
    return new ParleyError(code, message, {
      ...(field !== undefined && { field }),
      ...(retryAfter !== undefined && { retryAfter }),
    })
  if (name === 'OfflineError') return new OfflineError(message)
  if (name === 'ClosedError') return new ClosedError(message)
  if (name === 'AbortError') return new DOMException(message, 'AbortError')
  return new Error(message)
}
