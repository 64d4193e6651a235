import type { DownFrame } from '@parley/protocol'
import type { AppError } from '../lib/errors.ts'

/** An error over the socket (rule C2). */
export function errorFrame({ code, message, field, retryAfter }: AppError, ref: number | undefined): DownFrame {
  return {
    t: 'error',
    ...(ref === undefined ? {} : { ref }),
    code,
    message,
    ...(field === undefined ? {} : { field }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
