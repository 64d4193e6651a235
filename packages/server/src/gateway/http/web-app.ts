import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { contentPolicy, type PolicyOrigins } from './content-policy.ts'
import type { WebFile, WebFolder } from './web-folder.ts'

export interface WebAppOptions {
  folder: WebFolder
  /** Whom a page may talk to besides this server; asked for every page. */
  origins: () => PolicyOrigins
  /** What stands at every address of the app while it cannot be served. */
  instead: () => string | undefined
  /** Shown when there is no app. */
  front: string
}

/** Paths of the API and of operators: never answered with the app. */
const taken = /^\/(v1|healthz|readyz|metrics|docs|openapi\.json|assets)(\/|$)/
const plainPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
const year = 365 * 24 * 60 * 60

/** The web app at `/`: its files, and its page at every address that is none of a file nor of the API. */
export function mountWebApp(server: FastifyInstance, { folder, origins, instead, front }: WebAppOptions): void {
  const page = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const plain = instead()
    const index = plain === undefined ? await folder.find('/index.html', acceptedBy(request)) : undefined
    if (!index) {
      if (request.url !== '/' && plain === undefined) return notFound(reply)
      return reply
        .headers({ 'content-security-policy': plainPolicy, 'cache-control': 'no-store' })
        .type('text/html; charset=utf-8')
        .send(plain ?? front)
    }
    return sendFile(reply, index, {
      'content-security-policy': contentPolicy(origins()),
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(self), microphone=(self), geolocation=(self)',
    })
  }
  server.get('/', page)
  server.get('/*', async (request, reply) => {
    const path = pathOf(request.url)
    if (path === undefined) return notFound(reply)
    if (path === '/index.html') return page(request, reply)
    const file = await folder.find(path, acceptedBy(request))
    if (file) return sendFile(reply, file, {})
    const wantsPage = request.headers.accept?.includes('text/html') && !taken.test(path)
    return wantsPage ? page(request, reply) : notFound(reply)
  })
}

function sendFile(reply: FastifyReply, file: WebFile, headers: Record<string, string>): FastifyReply {
  const { body, type, encoding, immutable } = file
  return reply
    .headers({
      ...headers,
      'cache-control': immutable ? `public, max-age=${year}, immutable` : 'no-cache',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
      ...(encoding && { 'content-encoding': encoding }),
    })
    .type(type)
    .send(body)
}

function notFound(reply: FastifyReply): FastifyReply {
  reply.callNotFound()
  return reply
}

const acceptedBy = (request: FastifyRequest): string => String(request.headers['accept-encoding'] ?? '')

function pathOf(url: string): string | undefined {
  try {
    return decodeURIComponent(url.split('?')[0] as string)
  } catch {
    return undefined
  }
}
