import { errorCodes, errorStatus, type Problem } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawApi } from '../raw-api.ts'
import { type Person, World } from './world.ts'

interface Operation {
  method: string
  path: string
  needsToken: boolean
  hasBody: boolean
}

let world: World
let person: Person
let stranger: Person
let target: Person
let chat: string
let operations: Operation[]

beforeAll(async () => {
  world = await World.start()
  ;[person, stranger, target] = (await world.people(3)) as [Person, Person, Person]
  chat = (await person.api.group('private', [])).id
  await person.api.call('POST', `/v1/conversations/${chat}/messages`, {
    clientMessageId: 'a',
    content: { text: 'secret' },
  })
  const document = await person.api.call<{
    paths: Record<string, Record<string, { security?: object; requestBody?: object }>>
  }>('GET', '/openapi.json')
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      needsToken: operation.security !== undefined,
      hasBody: operation.requestBody !== undefined,
    })),
  )
})
afterAll(() => world.stop())

const fill = (path: string, conversation: string) =>
  path
    .replace('{conversation}', conversation)
    .replace('{seq}', '1')
    .replace(/\{(userId|id)\}/, target.user)

function expectProblem(what: string, status: number, body: unknown): void {
  const problem = body as Problem
  expect(errorCodes, `${what}: ${JSON.stringify(body)}`).toContain(problem.code)
  expect(errorStatus[problem.code], what).toBe(status)
  expect(problem.code, `${what}: ${JSON.stringify(body)}`).not.toBe('internal')
  expect(JSON.stringify(problem), what).not.toMatch(/node_modules|\.ts:|SQLITE|at Object|stack/)
}

const nasty: unknown[] = [
  undefined,
  null,
  [],
  'text',
  7,
  {},
  {
    username: {},
    password: [],
    device: 'x',
    title: 5,
    members: {},
    content: [],
    seq: 'x',
    emoji: 3,
    role: 'king',
    clientMessageId: 'has space',
  },
  { content: { text: '' }, clientMessageId: 'a'.repeat(65), seq: -1, members: ['x'.repeat(100)], title: '' },
  { content: { text: 'x', sealed: 'eA==' }, clientMessageId: 'ok' },
  JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{}}}'),
  JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`),
]

describe('bad input over HTTP', () => {
  it('C2, C3: every operation answers nonsense with an error of the closed table', async () => {
    expect(operations.length).toBeGreaterThan(30)
    for (const { method, path, hasBody } of operations) {
      if (!hasBody || path.includes('/me/password')) continue
      for (const body of nasty) {
        const answer = await person.api.request(
          method,
          fill(path, chat),
          body === undefined ? undefined : JSON.stringify(body),
          { 'content-type': 'application/json' },
        )
        if (answer.status < 300) continue
        expectProblem(`${method} ${path} ${JSON.stringify(body)?.slice(0, 60)}`, answer.status, answer.body)
      }
      for (const raw of ['{', '\u0000', '{"a":1}}', '[1,2']) {
        const answer = await person.api.request(method, fill(path, chat), raw, { 'content-type': 'application/json' })
        expectProblem(`${method} ${path} ${raw}`, answer.status, answer.body)
      }
      const huge = await person.api.request(method, fill(path, chat), JSON.stringify({ x: 'y'.repeat(70_000) }), {
        'content-type': 'application/json',
      })
      expectProblem(`${method} ${path} huge`, huge.status, huge.body)
      expect(huge.status).toBe(413)
    }
    expect((await person.api.request('GET', '/readyz')).status).toBe(200)
  }, 60_000)

  it('C4: ids and seqs that are not mine, not there or not ids', async () => {
    for (const { method, path } of operations) {
      // Unblocking somebody who is not blocked is done already.
      if (!path.includes('{') || (method === 'DELETE' && path.includes('blocks'))) continue
      for (const id of ['nowhere', '%00', '..', 'x'.repeat(200), '%F0%9F%98%80', "';DROP TABLE users"]) {
        const answer = await person.api.request(
          method,
          path.replaceAll(/\{[a-zA-Z]+\}/g, encodeURI(id)),
          method === 'GET' ? undefined : {},
        )
        expect(answer.status, `${method} ${path} ${id}`).toBeGreaterThanOrEqual(400)
        expect(answer.status, `${method} ${path} ${id}`).toBeLessThan(500)
      }
    }
    for (const query of ['before=x', 'limit=0', 'limit=1000', 'after=-1', 'before=1e99']) {
      expect(await person.api.request('GET', `/v1/conversations/${chat}/messages?${query}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid' },
      })
    }
    expect(await person.api.request('GET', '/v1/conversations?cursor=nonsense')).toMatchObject({ status: 400 })
    expect(await person.api.request('GET', '/v1/media/1')).toMatchObject({ status: 404, body: { code: 'not_found' } })
  }, 60_000)
})

describe('who may do what', () => {
  it('without a token, or with one that was revoked, nothing is done', async () => {
    const laptop = await person.secondDevice()
    await person.api.call('DELETE', `/v1/me/devices/${laptop.device}`)
    const actors = [new RawApi(world.url), new RawApi(world.url, 'A'.repeat(43)), laptop.api]
    for (const { method, path, needsToken } of operations) {
      if (!needsToken) continue
      for (const actor of actors) {
        expect(
          await actor.request(method, fill(path, chat), method === 'GET' ? undefined : {}),
          `${method} ${path}`,
        ).toMatchObject({
          status: 401,
          body: { code: 'unauthenticated' },
        })
      }
    }
  })

  it('C4: to somebody else, and to one who was removed, a conversation does not exist', async () => {
    const former = await world.person()
    await person.api.call('PUT', `/v1/conversations/${chat}/members/${former.user}`, {})
    await person.api.call('DELETE', `/v1/conversations/${chat}/members/${former.user}`)
    const bodies = { title: 'x', seq: 1, upTo: 1, emoji: 'x', content: { text: 'x' }, clientMessageId: 'x' }
    const scoped = operations.filter(({ path }) => path.includes('{conversation}'))
    expect(scoped.length).toBeGreaterThan(12)
    for (const { method, path } of scoped) {
      for (const actor of [stranger, former]) {
        const answer = await actor.api.request(method, fill(path, chat), method === 'GET' ? undefined : bodies)
        expect(answer, `${method} ${path}`).toMatchObject({ status: 404, body: { code: 'not_found' } })
      }
    }
    expect(await stranger.api.request('GET', `/v1/search?query=secret&conversation=${chat}`)).toMatchObject({
      status: 404,
    })
  })
})

describe('bad input over the socket', () => {
  it('every frame with wrong fields is an error invalid, and the session goes on', async () => {
    const { client } = await person.connect()
    const bad = [
      { t: 'send' },
      { t: 'send', conversation: chat },
      { t: 'send', conversation: chat, clientMessageId: 'x y', content: { text: 'x' } },
      { t: 'send', conversation: chat, clientMessageId: 'x', content: {} },
      { t: 'send', conversation: chat, clientMessageId: 'x', content: { text: 5 } },
      { t: 'send', conversation: chat, clientMessageId: 'x', content: { location: { lat: 91, lon: 0 } } },
      { t: 'send', conversation: chat, clientMessageId: 'x', content: { text: 'x' }, mentions: 'all' },
      { t: 'send', conversation: { $gt: '' }, clientMessageId: 'x', content: { text: 'x' } },
      { t: 'edit', conversation: chat, seq: 0, content: { text: 'x' } },
      { t: 'edit', conversation: chat, seq: 1.5, content: { text: 'x' } },
      { t: 'delete', conversation: chat, seq: 1, for: 'nobody' },
      { t: 'react', conversation: chat, seq: 1 },
      { t: 'read', conversation: chat, seq: 'all' },
    ]
    for (const frame of bad)
      expect(await client.request(frame), JSON.stringify(frame)).toMatchObject({ t: 'error', code: 'invalid' })
    expect(await client.request({ t: 'read', conversation: 'nowhere', seq: 1 })).toMatchObject({ code: 'not_found' })
    expect(await client.send(chat, 'fine', { text: 'fine' })).toMatchObject({ t: 'ok' })
  })
})
