import type { FastifyInstance } from 'fastify'
import { vapidKeysOf } from '../adapters/webpush/vapid-keys.ts'
import { mountDocs } from '../gateway/http/docs.ts'
import { serverRoute } from '../gateway/http/info.ts'
import { openApiOf } from '../gateway/http/openapi.ts'
import { systemClock } from '../lib/clock.ts'
import type { StatementCounts } from '../lib/statement-counts.ts'
import { createMetrics } from './metrics.ts'
import type { Platform } from './platform.ts'
import { registerPushMetrics } from './push-metrics.ts'
import type { Services } from './services.ts'
import { version } from './version.ts'
import { mountWeb, type WebSources } from './web.ts'

/** What this server has beyond the protocol's core; routes of later work are absent from it. */
const features = [
  'direct',
  'groups',
  'receipts',
  'presence',
  'search',
  'long-poll',
  'msgpack',
  'push',
  'admin',
] as const

interface OperationsSources {
  services: Services
  platform: Pick<Platform, 'trouble' | 'clockAhead' | 'secrets'>
  statements: StatementCounts
  rateLimited: boolean
  web: WebSources
}

/** Routes for operators and for people who read: health, metrics, OpenAPI, docs. */
export function mountOperations(
  server: FastifyInstance,
  { services, platform, statements, rateLimited, web }: OperationsSources,
): void {
  const trouble = () => platform.trouble()
  const vapidPublicKey = vapidKeysOf(platform.secrets.vapidKey).publicKey
  const info = serverRoute({
    version,
    features: services.media ? [...features, 'media'] : features,
    rateLimited,
    limits: services.limits,
    vapidPublicKey,
    routes: [...services.routes, ...services.mediaRoutes],
  })
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
  const metrics = createMetrics({
    counts: services.counts,
    sessions: () => services.gateway.connections,
    storeRefuses: () => trouble() !== undefined,
    clockAhead: () => platform.clockAhead(),
    statements,
    links: services.cluster?.links,
  })
  registerPushMetrics(metrics, services.pushing, systemClock)
  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
  let openApi: object | undefined
  const document = (): object => {
    openApi ??= openApiOf([info, ...services.routes, ...services.mediaRoutes], version)
    return openApi
  }
  server.get('/openapi.json', async () => document())
  mountDocs(server, document)
  mountWeb(server, web)
}
