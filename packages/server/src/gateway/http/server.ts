import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer, ServerOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '@parley/protocol'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../../lib/clock.ts'
import { AppError, invalid, notFound, toAppError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { createBodyTimeout } from './body-timeout.ts'
import { createCors } from './cors.ts'
import type { Dispatcher } from './dispatch.ts'
import { problemOf, retryAfterSeconds } from './problem.ts'
import type { AnyRoute, Reply } from './route.ts'

export interface HttpServerOptions {
  routes: readonly AnyRoute[]
  dispatcher: Dispatcher
  logger: Logger
  clock: Clock
  clientAddress: (request: IncomingMessage) => string
  /** Origins whose pages may read answers, besides this server's own. */
  origins: readonly string[]
  /** undefined: HTTP. */
  tls: ServerOptions | undefined
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** Asked before any route; true: it has answered, or will. */
  ahead?: ((request: IncomingMessage, response: ServerResponse) => false | Promise<boolean>) | undefined
  /** Tried before everything else; true: it has answered. */
  first?: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  /** Told of what no route answered: a path that is none, a body that cannot be read. */
  refused?: (code: ErrorCode) => void
}

/** JSON bodies beyond this are refused (rule C5: the largest content, and room around it). */
const bodyLimit = 64 * 1024

/** Milliseconds in which a peer must have asked for something, headers complete; and a TLS handshake be done. */
const handshakeTimeout = 10_000
/** Milliseconds between two looks for connections that are late. */
const connectionsCheckingInterval = 2_000

/** The HTTP server with all routes mounted. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { routes, logger, origins, clock, tls, upgrade, ahead, first, refused = () => {} } = options
  const server = fastify({
    logger: false,
    bodyLimit,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
    ...(tls
      ? { https: { ...tls, handshakeTimeout, connectionsCheckingInterval } }
      : { http: { connectionsCheckingInterval } }),
  } as object) as unknown as FastifyInstance
  const http = server.server as HttpsServer
  if (first) tryFirst(http, first)
  http.headersTimeout = handshakeTimeout
  http.keepAliveTimeout = 65_000
  // Uploads of media take their time; other bodies are waited for below.
  http.requestTimeout = 0
  http.on('upgrade', upgrade)
  if (ahead) {
    server.addHook('onRequest', async (request, reply) => {
      if (await ahead(request.raw, reply.raw)) reply.hijack()
    })
  }
  server.addHook('onRequest', createCors(origins))
  server.addHook('onRequest', createBodyTimeout(clock))
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson)
  // A body of another type is looked at as JSON too: what is no JSON is told so.
  server.addContentTypeParser('*', { parseAs: 'string' }, parseJson)
  for (const route of routes) mount(server, route, options)
  const refuse = (reply: FastifyReply, error: AppError): FastifyReply => {
    refused(error.code)
    return sendProblem(reply, error)
  }
  server.setNotFoundHandler((_request, reply) => refuse(reply, notFound('route')))
  server.setErrorHandler((error, _request, reply) => refuse(reply, fromFastify(error, logger)))
  return server
}

/** What needs no route is answered without the cost of one. */
function tryFirst(http: HttpsServer, first: NonNullable<HttpServerOptions['first']>): void {
  const routed = http.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[]
  http.removeAllListeners('request')
  http.on('request', (request, response) => {
    if (!first(request, response)) for (const listener of routed) listener.call(http, request, response)
  })
}

function parseJson(
  _request: FastifyRequest,
  body: string | Buffer,
  done: (error: Error | null, value?: unknown) => void,
): void {
  if (body.length === 0) return done(null, undefined)
  try {
    done(null, JSON.parse(String(body)))
  } catch {
    done(invalid('body', 'The body is not JSON.'))
  }
}

function mount(
  server: FastifyInstance,
  route: AnyRoute,
  { dispatcher, logger, clientAddress, tls }: HttpServerOptions,
): void {
  server.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const gone = new AbortController()
      reply.raw.on('close', () => gone.abort())
      try {
        const answer = await dispatcher.dispatch(route, {
          params: request.params,
          query: request.query,
          body: request.body,
          authorization: request.headers.authorization,
          address: clientAddress(request.raw),
          base: `${tls ? 'https' : 'http'}://${request.headers.host ?? 'localhost'}`,
          signal: gone.signal,
        })
        return sendReply(reply, answer)
      } catch (error) {
        const told = toAppError(error)
        if (told.code === 'internal') logger.error({ route: route.path, error: told.cause }, 'a request failed')
        return sendProblem(reply, told)
      }
    },
  })
}

function sendReply(reply: FastifyReply, { status, body, headers }: Reply<unknown>): FastifyReply {
  reply.status(status).headers({ 'cache-control': 'no-store', ...headers })
  if (status === 204) return reply.send()
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body ?? {}))
}

function sendProblem(reply: FastifyReply, error: AppError): FastifyReply {
  if (error.retryAfter !== undefined) reply.header('retry-after', retryAfterSeconds(error.retryAfter))
  if (error.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  const problem = problemOf(error)
  return reply.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

/** Errors of the HTTP layer in the words of the closed table. */
function fromFastify(error: unknown, logger: Logger): AppError {
  if (error instanceof AppError) return error
  const { statusCode } = error as { statusCode?: number }
  if (statusCode === 413) return new AppError('too_large', 'The body is too large.')
  if (statusCode === 415) return new AppError('unsupported_media', 'Send application/json.')
  if (statusCode !== undefined && statusCode < 500) return invalid('request', 'The request is not valid.')
  logger.error({ error }, 'the HTTP layer failed')
  return toAppError(error)
}
