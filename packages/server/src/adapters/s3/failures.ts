import { AppError, unavailable } from '../../lib/errors.ts'

interface Failure {
  name?: string
  Code?: string
  $metadata?: { httpStatusCode?: number }
  $response?: { statusCode?: number }
}

/** The code that S3 gave, e.g. `NoSuchKey`; an answer to HEAD has no body and so no more than a status. */
export const codeOf = (error: unknown): string => (error as Failure).Code ?? (error as Failure).name ?? 'unknown'

export const statusOf = (error: unknown): number | undefined =>
  (error as Failure).$metadata?.httpStatusCode ?? (error as Failure).$response?.statusCode

export const isMissing = (error: unknown): boolean =>
  codeOf(error) !== 'NoSuchBucket' && (statusOf(error) === 404 || ['NoSuchKey', 'NotFound'].includes(codeOf(error)))

/** To be given to `catch`: whoever wants it gone, or looks for it, need not mind that it is not there. */
export function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
  return undefined
}

export const isCold = (error: unknown): boolean =>
  ['InvalidObjectState', 'ObjectNotInActiveTierError'].includes(codeOf(error))

/** Something is not as the request made it a condition. */
export const isOtherwise = (error: unknown): boolean => [409, 412].includes(statusOf(error) ?? 0)

/** It answered that the server may not: keys, clock or policy are wrong. */
export const isRefused = (error: unknown): boolean => statusOf(error) === 403 && !isCold(error)

const notImplemented = 501

/** For everything that is no answer about an object: the store is away, or set up wrongly, and may be back soon. */
export function toStoreError(error: unknown): Error {
  if (error instanceof AppError) return error
  if (!(error instanceof Error)) return new Error(String(error))
  const status = statusOf(error)
  if (isRefused(error)) return unavailable(`The object store refuses this server: ${codeOf(error)}.`, error)
  if (codeOf(error) === 'NoSuchBucket') return unavailable('The object store has no such bucket.', error)
  if (status === undefined || (status >= 500 && status !== notImplemented) || status === 429 || status === 408)
    return unavailable('The object store does not answer.', error)
  return error
}
