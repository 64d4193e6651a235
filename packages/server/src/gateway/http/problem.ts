import { errorStatus, type Problem } from '@parley/protocol'
import type { AppError } from '../../lib/errors.ts'

/** An error as RFC 9457 says it (rule C2). */
export function problemOf({ code, message, field, retryAfter }: AppError): Problem {
  return {
    type: `urn:parley:error:${code}`,
    title: code.replaceAll('_', ' '),
    status: errorStatus[code],
    code,
    detail: message,
    ...(field === undefined ? {} : { field }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}

/** `Retry-After` in whole seconds, at least 1. */
export function retryAfterSeconds(retryAfter: number): string {
  return String(Math.max(1, Math.ceil(retryAfter / 1000)))
}
