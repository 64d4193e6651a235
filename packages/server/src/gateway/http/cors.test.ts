import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import { silentLogger } from '../../lib/logger.ts'
import { unlimited } from '../rate-limiter.ts'
import { Dispatcher } from './dispatch.ts'
import { defineRoute, ok } from './route.ts'
import { createHttpServer } from './server.ts'

const page = 'https://chat.example.org'
const allow = 'access-control-allow-origin'

const route = defineRoute({
  method: 'PATCH',
  path: '/v1/things/:id',
  summary: 'Change a thing',
  auth: 'device',
  limits: [],
  params: z.object({ id: z.string() }),
  answer: z.object({ id: z.string() }),
  handle: async ({ params }) => {
    if (params.id === 'busy') throw new AppError('unavailable', 'Busy.', { retryAfter: 2000 })
    return ok({ id: params.id })
  },
})

let server: ReturnType<typeof createHttpServer> | undefined

function serve(origins: readonly string[]) {
  server = createHttpServer({
    routes: [route],
    dispatcher: new Dispatcher(
      (token) => (token === 'right' ? { user: 'u', device: 'd' } : undefined),
      unlimited,
      () => true,
    ),
    logger: silentLogger,
    clock: systemClock,
    clientAddress: () => '127.0.0.1',
    origins,
    tls: undefined,
    upgrade: (_request, socket) => socket.destroy(),
  })
  return server
}

afterEach(() => server?.close())

const preflight = (origin: string, url = '/v1/things/1') => ({
  method: 'OPTIONS' as const,
  url,
  headers: {
    origin,
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization,content-type',
  },
})

const patch = (origin: string | undefined, id = '1', token = 'right') => ({
  method: 'PATCH' as const,
  url: `/v1/things/${id}`,
  headers: { ...(origin === undefined ? {} : { origin }), authorization: `Bearer ${token}` },
})

describe('pages of other origins', () => {
  it('K5: a listed origin may ask with a token and JSON, by every method', async () => {
    const answer = await serve(['https://other.example', page]).inject(preflight(page))
    expect(answer.statusCode).toBe(204)
    expect(answer.headers[allow]).toBe(page)
    expect(answer.headers['access-control-allow-headers']).toEqual(
      expect.stringContaining('authorization, content-type'),
    )
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(answer.headers['access-control-allow-methods']).toContain(method)
    }
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  })

  it('may read answers and refusals alike, with the time to come back', async () => {
    const listening = serve([page])
    for (const request of [patch(page), patch(page, '1', 'wrong'), patch(page, 'busy')]) {
      const answer = await listening.inject(request)
      expect(answer.headers[allow]).toBe(page)
      expect(answer.headers.vary).toBe('Origin')
      expect(answer.headers['access-control-expose-headers']).toContain('retry-after')
    }
    expect((await listening.inject({ ...patch(page), url: '/v1/nothing' })).headers[allow]).toBe(page)
  })

  it.each([
    'https://chat.example.org.evil.example',
    'http://chat.example.org',
    'https://chat.example.org:8443',
    'HTTPS://CHAT.EXAMPLE.ORG',
    'null',
    '*',
    '',
  ])('K5: %j is told nothing', async (origin) => {
    const listening = serve([page])
    for (const request of [preflight(origin), patch(origin)]) {
      const answer = await listening.inject(request)
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
      expect(answer.headers.vary).toBe('Origin')
    }
    expect((await listening.inject(preflight(origin))).statusCode).toBe(404)
  })

  it('nobody is told anything when no origin is listed', async () => {
    const answer = await serve([]).inject(patch(page))
    expect(answer.statusCode).toBe(200)
    expect([answer.headers[allow], answer.headers.vary]).toEqual([undefined, undefined])
  })

  it('what is not a page is served as ever', async () => {
    const answer = await serve([page]).inject(patch(undefined))
    expect([answer.statusCode, answer.headers[allow], answer.headers.vary]).toEqual([200, undefined, 'Origin'])
  })
})
