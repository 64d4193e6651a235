import { type AppError, unavailable } from '../../lib/errors.ts'

/**
 * `lost`: the connection broke; whether the statement was done is not known, and another connection may answer.
 * `conflict`: the server undid it, and may do it when it is asked again. `away`: it will not answer now.
 */
type Failure = 'lost' | 'conflict' | 'away' | 'fault'

interface ServerError extends Error {
  code: string
  severity: string
}

/** Answers of the server; anything else comes from the connection. */
function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
}

/** SQLSTATEs of a server that stops, restarts, lacks something, lets nobody in, or follows another since a moment ago. */
const lost = /^(57P0[123]|08|25006)/
const conflict = /^(40001|40P01)/
const away = /^(53|57014|55P03|58|25P0[23]|28|3D000)/

export function failureOf(error: unknown): Failure {
  if (isServerError(error)) {
    if (lost.test(error.code)) return 'lost'
    if (conflict.test(error.code)) return 'conflict'
    return away.test(error.code) ? 'away' : 'fault'
  }
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError) return 'fault'
  // The driver's words when its own time limit has passed: a second try would double it.
  if (error instanceof Error && /timeout/i.test(error.message)) return 'away'
  return 'lost'
}

export const tooBusy = (cause?: unknown): AppError => unavailable('The database did not answer in time.', cause)
