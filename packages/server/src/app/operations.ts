import type { FastifyInstance } from 'fastify'
import { serverRoute } from '../gateway/http/info.ts'
import { openApiOf } from '../gateway/http/openapi.ts'
import type { Services } from './services.ts'
import { version } from './version.ts'

/** What this server has beyond the protocol's core; routes of later work are absent from it. */
const features = ['direct', 'groups', 'receipts', 'presence', 'search', 'long-poll', 'msgpack'] as const

/** Routes for operators and for people who read: health, metrics, OpenAPI, docs. */
export function mountOperations(
  server: FastifyInstance,
  { services, trouble, rateLimited }: { services: Services; trouble: () => string | undefined; rateLimited: boolean },
): void {
  const info = serverRoute({ version, features, rateLimited, routes: services.routes })
  server.get('/v1/server', async (request, reply) => {
    const answer = await services.dispatcher.dispatch(info, {
      params: {},
      query: {},
      body: undefined,
      authorization: undefined,
      address: request.ip,
      signal: new AbortController().signal,
    })
    return reply.header('cache-control', 'no-store').send(answer.body)
  })
  server.get('/healthz', async () => ({ status: 'ok' }))
  server.get('/readyz', async (_request, reply) => {
    const reason = trouble()
    if (reason === undefined) return { status: 'ready' }
    return reply.status(503).header('retry-after', '1').send({ status: 'not ready', store: reason })
  })
  let openApi: object | undefined
  server.get('/openapi.json', async () => {
    openApi ??= openApiOf([info, ...services.routes], version)
    return openApi
  })
}
