import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../lib/clock.ts'
import { type AppError, notFound, toAppError } from '../../lib/errors.ts'
import type { BlobStore } from '../../media/blob-store.ts'
import type { Links } from '../../media/links.ts'
import { byteRangeOf } from './byte-range.ts'
import { problemOf, retryAfterSeconds } from './problem.ts'

/** Milliseconds without a byte after which an upload's connection ends; it can go on later. */
const silence = 60_000

/** Takes the bytes of an upload by tus, from a request whose path ends with its id. */
export interface UploadEndpoint {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

interface StreamOptions {
  links: Links
  blobs: BlobStore
  /** undefined: bytes go to the store itself. */
  uploads: UploadEndpoint | undefined
  clock: Clock
}

/** What is done with bytes that a URL was signed for. They are streamed, in constant memory, both ways. */
export function mountMediaStreams(server: FastifyInstance, { links, blobs, uploads, clock }: StreamOptions): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route<{ Params: { key: string } }>({
      method: ['GET', 'HEAD'],
      url: '/v1/content/:key',
      handler: async (request, reply) => {
        const told = links.verify(request.url)
        reply.hijack()
        const { raw } = reply
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) raw.setHeader(name, value)
        await serve(request.raw, raw, request.params.key, told, blobs)
      },
    })
    if (!uploads) return
    scope.route({
      method: ['PATCH', 'HEAD'],
      url: '/v1/uploads/:id',
      handler: async (request, reply) => {
        const { raw } = request
        reply.hijack()
        if (!links.verify(request.url)) return answerProblem(reply.raw, notFound('upload'))
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value)
        let seen = raw.socket.bytesRead
        const watch = clock.every(silence, () => {
          if (raw.socket.bytesRead === seen) raw.destroy()
          seen = raw.socket.bytesRead
        })
        try {
          await uploads.handle(raw, reply.raw)
        } finally {
          watch.cancel()
        }
      },
    })
  })
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
  told: URLSearchParams | undefined,
  blobs: BlobStore,
): Promise<void> {
  if (!told) return answerProblem(response, notFound('media'))
  const size = Number(told.get('size'))
  const etag = `"${key.slice(0, 32)}"`
  response.setHeader('etag', etag)
  // What a hash names never changes.
  response.setHeader('cache-control', 'private, max-age=31536000, immutable')
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('content-security-policy', "default-src 'none'; sandbox")
  response.setHeader('cross-origin-resource-policy', 'cross-origin')
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  const whole = request.headers['if-range'] !== undefined && request.headers['if-range'] !== etag
  const range = whole ? undefined : byteRangeOf(request.headers.range, size)
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': '0' }).end()
    return
  }
  try {
    const bytes = request.method === 'HEAD' ? undefined : await blobs.read({ key }, range)
    response.writeHead(range ? 206 : 200, {
      'content-type': told.get('type') ?? 'application/octet-stream',
      'content-disposition': told.get('disposition') ?? 'attachment',
      'accept-ranges': 'bytes',
      'content-length': range ? range.end - range.start + 1 : size,
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${size}` } : {}),
    })
    if (bytes) await pipeline(bytes, response)
    else response.end()
  } catch (error) {
    if (response.headersSent) response.destroy()
    else answerProblem(response, toAppError(error))
  }
}

function answerProblem(response: ServerResponse, error: AppError): void {
  const problem = problemOf(error)
  for (const name of ['etag', 'cache-control']) response.removeHeader(name)
  if (error.retryAfter !== undefined) response.setHeader('retry-after', retryAfterSeconds(error.retryAfter))
  // Bytes that are being restored (rule M4).
  const status = error.code === 'unavailable' ? 202 : problem.status
  response.writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(problem))
}
