/** The closed table of error codes and their HTTP status (rules C2, C3). */
export const errorStatus = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported_media: 415,
  limit_reached: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const

/** One of the twelve codes of rule C3. */
export type ErrorCode = keyof typeof errorStatus

export const errorCodes = Object.keys(errorStatus) as ErrorCode[]

/** True for a code after which the same request, unchanged, may succeed later. */
export function isRetryable(code: ErrorCode): boolean {
  return code === 'rate_limited' || code === 'unavailable' || code === 'internal'
}

/** An error over HTTP: `application/problem+json` (RFC 9457, rule C2). */
export interface Problem {
  type: string
  title: string
  /** HTTP status. */
  status: number
  code: ErrorCode
  detail: string
  /** The field that was wrong, for `invalid`. */
  field?: string
  /** Milliseconds to wait, for `rate_limited` and `unavailable`. */
  retryAfter?: number
}
