import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { type AppError, notFound, toAppError } from '../../lib/errors.ts'
import type { BlobStore } from '../../media/blob-store.ts'
import { byteRangeOf } from './byte-range.ts'
import { type ContentCache, largestKept } from './content-cache.ts'
import { problemOf, retryAfterSeconds } from './problem.ts'

/** Answers with the bytes that a signed URL names, streamed, or the part that is asked for (rule M3). */
export async function serveContent(
  request: IncomingMessage,
  response: ServerResponse,
  { key, told, blobs, cache }: { key: string; told: URLSearchParams; blobs: BlobStore; cache: ContentCache },
): Promise<void> {
  const size = Number(told.get('size'))
  const etag = `"${key.slice(0, 32)}"`
  const headers: Record<string, string> = {
    'content-type': told.get('type') ?? 'application/octet-stream',
    'content-disposition': told.get('disposition') ?? 'attachment',
    'content-length': String(size),
    'accept-ranges': 'bytes',
    etag,
    // What a hash names never changes.
    'cache-control': 'private, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
  }
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, { etag, 'cache-control': headers['cache-control'] }).end()
    return
  }
  const whole = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag
  const range = whole ? undefined : byteRangeOf(request.headers.range, size)
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': '0' }).end()
    return
  }
  try {
    if (request.method === 'HEAD') {
      response.writeHead(200, headers).end()
    } else if (!range && size <= largestKept) {
      const bytes = await buffer(await blobs.read({ key }))
      cache.keep(key, request.url ?? '', { bytes, expiresAt: Number(told.get('expires')), headers })
      response.writeHead(200, headers).end(bytes)
    } else {
      const bytes = await blobs.read({ key }, range)
      if (range) {
        headers['content-length'] = String(range.end - range.start + 1)
        headers['content-range'] = `bytes ${range.start}-${range.end}/${size}`
      }
      response.writeHead(range ? 206 : 200, headers)
      await pipeline(bytes, response)
    }
  } catch (error) {
    if (response.headersSent) response.destroy()
    else answerProblem(response, toAppError(error))
  }
}

export const noSuchContent = (response: ServerResponse): void => answerProblem(response, notFound('media'))

function answerProblem(response: ServerResponse, error: AppError): void {
  const problem = problemOf(error)
  if (error.retryAfter !== undefined) response.setHeader('retry-after', retryAfterSeconds(error.retryAfter))
  // Bytes that are being restored (rule M4).
  const status = error.code === 'unavailable' ? 202 : problem.status
  response.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(problem))
}
