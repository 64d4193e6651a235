import type { FastifyReply, FastifyRequest } from 'fastify'

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const requestHeaders = 'authorization, content-type, range, tus-resumable, upload-offset'
/** What a page may read beside the safelisted headers (rules C2, M1, M3). */
const exposed = 'retry-after, content-range, etag, tus-resumable, upload-offset, upload-length'
/** Seconds for which a browser need not ask again; Chromium caps it at two hours. */
const maxAge = '7200'

/**
 * Lets pages of the listed origins, and of no others, read answers. Tokens travel in `Authorization`, never in a
 * cookie, so credentials are not allowed. An `onRequest` hook: it also answers preflights, whatever the route.
 */
export function createCors(origins: readonly string[]) {
  const allowed = new Set(origins)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (allowed.size === 0) return undefined
    // Caches must not hand one origin's answer to another, nor an answer without an origin to any.
    reply.header('vary', 'Origin')
    const { origin } = request.headers
    if (origin === undefined || !allowed.has(origin)) return undefined
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed })
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return undefined
    return reply
      .status(204)
      .headers({
        'access-control-allow-methods': methods,
        'access-control-allow-headers': requestHeaders,
        'access-control-max-age': maxAge,
      })
      .send()
  }
}
