import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Clock } from '../../lib/clock.ts'
import type { BlobStore } from '../../media/blob-store.ts'
import type { Links } from '../../media/links.ts'
import { noSuchContent, serveContent } from './content.ts'
import { type ContentCache, contentPath } from './content-cache.ts'

/** Milliseconds without a byte after which an upload's connection ends; it can go on later. */
const silence = 60_000

/** Takes the bytes of an upload by tus, from a request whose path ends with its id. */
export interface UploadEndpoint {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}

interface StreamOptions {
  links: Links
  blobs: BlobStore
  cache: ContentCache
  /** undefined: bytes go to the store itself. */
  uploads: UploadEndpoint | undefined
  clock: Clock
}

/** What is done with bytes that a URL was signed for. They are streamed, in constant memory, both ways. */
export function mountMediaStreams(
  server: FastifyInstance,
  { links, blobs, cache, uploads, clock }: StreamOptions,
): void {
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route<{ Params: { key: string } }>({
      method: ['GET', 'HEAD'],
      url: `${contentPath}:key`,
      handler: async (request, reply) => {
        const response = takeOver(reply)
        const told = links.verify(request.url)
        if (!told) return noSuchContent(response)
        await serveContent(request.raw, response, { key: request.params.key, told, blobs, cache })
      },
    })
    if (!uploads) return
    scope.route({
      method: ['PATCH', 'HEAD'],
      url: '/v1/uploads/:id',
      handler: async (request, reply) => {
        const { raw } = request
        const response = takeOver(reply)
        if (!links.verify(request.url)) {
          // Bytes that nobody takes are not waited for.
          response.setHeader('connection', 'close')
          return noSuchContent(response)
        }
        let seen = raw.socket.bytesRead
        const watch = clock.every(silence, () => {
          if (raw.socket.bytesRead === seen) raw.destroy()
          seen = raw.socket.bytesRead
        })
        try {
          await uploads.handle(raw, response)
        } finally {
          watch.cancel()
        }
      },
    })
  })
}

/** The answer is written by hand; what hooks said of it stays. */
function takeOver(reply: FastifyReply): ServerResponse {
  reply.hijack()
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value)
  }
  return reply.raw
}
