import type { ErrorCode } from '@parley/protocol'

export interface ErrorDetails {
  /** The field that was wrong. */
  field?: string
  /** Milliseconds until it is worth trying again. */
  retryAfter?: number
  cause?: unknown
}

/** The only error that reaches a client; everything else is told as `internal` (rule C2). */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'AppError'
    this.code = code
    this.field = details.field
    this.retryAfter = details.retryAfter
  }
}

export const notFound = (what: string): AppError => new AppError('not_found', `No such ${what}.`)
export const invalid = (field: string, message: string): AppError => new AppError('invalid', message, { field })
export const unavailable = (message: string, cause?: unknown): AppError =>
  new AppError('unavailable', message, { retryAfter: 1000, cause })

/** Maps anything thrown to what may be told. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  return new AppError('internal', 'Something went wrong on the server.', { cause: error })
}
