import type { FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { password } from '../accounts/service.contract.ts'
import { MemoryRateLimiter } from '../adapters/memory/rate-limiter.ts'
import { createHttpServer } from '../gateway/http/server.ts'
import { systemClock } from '../lib/clock.ts'
import { type Logger, silentLogger } from '../lib/logger.ts'
import { openMemoryNode } from './memory-node.contract.ts'
import type { Ports } from './services.ts'

interface Answer {
  status: number
  body: Record<string, unknown> & { token?: string }
  headers: Record<string, unknown>
}

async function open(given: { limited?: boolean; logger?: Logger } = {}) {
  const { limited = false, logger = silentLogger } = given
  const ports = (_: Ports, clock: ConstructorParameters<typeof MemoryRateLimiter>[0]): Partial<Ports> =>
    limited ? { limiter: new MemoryRateLimiter(clock) } : {}
  const node = await openMemoryNode({ ports, logger })
  const server: FastifyInstance = createHttpServer({
    routes: node.routes,
    dispatcher: node.dispatcher,
    logger,
    clock: systemClock,
    clientAddress: () => '192.0.2.1',
    origins: [],
    tls: undefined,
    upgrade: () => {},
  })
  const call = async (method: string, url: string, body?: object, token?: string): Promise<Answer> => {
    const answer = await server.inject({
      method: method as 'GET',
      url,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    })
    const text = answer.payload
    return { status: answer.statusCode, body: text ? JSON.parse(text) : {}, headers: answer.headers }
  }
  const register = async (username: string): Promise<string> =>
    (await call('POST', '/v1/accounts', { username, password, device: { name: 'phone' } })).body.token ?? ''
  return { ...node, call, register }
}

describe('accounts over HTTP', () => {
  it('a password change takes both pairs of names, and names what is missing or too short', async () => {
    const { call, register } = await open()
    const token = await register('alice')
    const change = (body: object) => call('POST', '/v1/me/password', body, token)
    const second = 'the second one'
    expect((await change({ current: password, password: second })).status).toBe(204)
    expect((await change({ oldPassword: second, newPassword: password })).status).toBe(204)
    expect(await change({ oldPassword: second, newPassword: password })).toMatchObject({ status: 403 })
    for (const [field, body] of [
      ['current', { password: second }],
      ['password', { current: password }],
      ['password', { current: password, password: 'short' }],
      ['newPassword', { oldPassword: password, newPassword: 'short' }],
      ['current', {}],
    ] as const)
      expect(await change(body), field).toMatchObject({ status: 400, body: { code: 'invalid', field } })
  })

  it('quiet hours are times of a day; null takes them away', async () => {
    const { call, register } = await open()
    const token = await register('alice')
    const patch = (quietHours: object | null) => call('PATCH', '/v1/me/settings', { quietHours }, token)
    const night = { from: '22:30', to: '00:00' }
    expect(await patch(night)).toMatchObject({ status: 200, body: { quietHours: night } })
    for (const from of ['24:00', '22:60', '9:00', '22:30 '])
      expect(await patch({ ...night, from }), from).toMatchObject({ status: 400, body: { field: 'quietHours.from' } })
    expect((await patch(null)).body).toEqual({})
  })

  it('C6: a block is created once; the list is of users', async () => {
    const { call, register } = await open()
    const [alice] = [await register('alice'), await register('bob')]
    const [bob] = (await call('GET', '/v1/users?query=bob', undefined, alice)).body.items as [{ id: string }]
    const path = `/v1/me/blocks/${bob.id}`
    expect(await call('PUT', path, undefined, alice)).toMatchObject({ status: 201, body: bob })
    expect(await call('PUT', path, undefined, alice)).toMatchObject({ status: 200, body: bob })
    expect((await call('GET', '/v1/me/blocks', undefined, alice)).body).toEqual({ items: [bob] })
    for (let i = 0; i < 2; i++) expect((await call('DELETE', path, undefined, alice)).status).toBe(204)
    expect((await call('GET', '/v1/me/blocks', undefined, alice)).body).toEqual({ items: [] })
  })

  it('C2: whoever guesses from one address is told when to come back; a hundred who register are not', async () => {
    const { call, register } = await open({ limited: true })
    for (let i = 0; i < 150; i++) expect(await register(`user${i}`)).not.toBe('')
    const guess = (i: number) =>
      call('POST', '/v1/sessions', { username: `user${i}`, password: 'wrong one', device: { name: 'x' } })
    for (let i = 0; i < 120; i++) expect((await guess(i)).status).toBe(401)
    const refused = await guess(121)
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('no secret is logged, nor told, whatever goes wrong', async () => {
    const lines: string[] = []
    const note = (...given: unknown[]): void => {
      lines.push(JSON.stringify(given, (_, value) => (value instanceof Error ? `${value.stack}` : value)))
    }
    const node = await open({ logger: { debug: note, info: note, warn: note, error: note } })
    const token = await node.register('alice')
    const secret = { oldPassword: password, newPassword: 'not to be seen' }
    const told: Answer[] = []
    const { accounts, devices } = node.ports
    const failing = [
      ...['create', 'change', 'byIds', 'byUsername'].map((name) => [accounts, name] as const),
      ...['of', 'remove', 'add'].map((name) => [devices, name] as const),
    ]
    for (const [store, name] of failing) {
      const value = async (): Promise<never> => {
        throw new Error(`the store failed at ${name}`)
      }
      Object.defineProperty(store, name, { value, configurable: true })
      const device = { name: 'phone' }
      told.push(
        await node.call('POST', '/v1/accounts', { username: `for_${name}`.toLowerCase(), password, device }),
        await node.call('POST', '/v1/sessions', { username: 'alice', password, device }),
        await node.call('POST', '/v1/me/password', secret, token),
        await node.call('PATCH', '/v1/me', { displayName: name }, token),
        await node.call('GET', '/v1/me/devices', undefined, token),
      )
      Reflect.deleteProperty(store, name)
    }
    expect(lines.filter((line) => line.includes('the store failed at'))).not.toHaveLength(0)
    const given = told.flatMap(({ body }) => (body.token === undefined ? [] : [body.token]))
    for (const one of [token, ...given, password, secret.newPassword])
      expect(lines.join('\n'), 'logged').not.toContain(one)
    const errors = JSON.stringify(told.filter(({ status }) => status >= 400).map(({ body }) => body))
    for (const one of [token, password, secret.newPassword, 'the store failed'])
      expect(errors, 'told').not.toContain(one)
    expect(told.some(({ status }) => status === 500)).toBe(true)
  })
})
