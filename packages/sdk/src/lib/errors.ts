import { type ErrorCode, isRetryable } from '@parley/protocol'

/** What the server refused, or what is refused here before it is sent (rules C2, C3). */
export class ParleyError extends Error {
  readonly code: ErrorCode
  /** The field that was wrong, for `invalid`. */
  readonly field: string | undefined
  /** Milliseconds to wait, for `rate_limited` and `unavailable`. */
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, details: { field?: string; retryAfter?: number } = {}) {
    super(message)
    this.name = 'ParleyError'
    this.code = code
    this.field = details.field
    this.retryAfter = details.retryAfter
  }

  /** True when the same request, unchanged, may succeed later. */
  get retryable(): boolean {
    return isRetryable(this.code)
  }
}

/** There was no answer: no network, no server, or the connection broke. What was asked for may or may not have happened. */
export class OfflineError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'OfflineError'
  }
}

/** The client was closed, or logged out, before this was done. What was stored to be sent is still stored. */
export class ClosedError extends Error {
  constructor(message = 'The client is closed.') {
    super(message)
    this.name = 'ClosedError'
  }
}

/** True when asking again later makes sense. */
export function isTransient(error: unknown): boolean {
  return error instanceof OfflineError || (error instanceof ParleyError && error.retryable)
}
