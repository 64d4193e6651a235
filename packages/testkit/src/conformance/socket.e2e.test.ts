import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { type Person, World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

function upgrade(
  protocols: string[],
  headers: Record<string, string> = {},
): Promise<{ status: number; protocol: string }> {
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/v1/socket`, protocols, { headers })
  return new Promise((resolve, reject) => {
    socket.on('open', () => {
      resolve({ status: 101, protocol: socket.protocol })
      socket.terminate()
    })
    socket.on('unexpected-response', (_request, response) =>
      resolve({ status: response.statusCode ?? 0, protocol: '' }),
    )
    socket.on('error', reject)
  })
}

describe('the socket', () => {
  it('S1: the client’s order of offers decides; only unknown ones are refused', async () => {
    expect(await upgrade([])).toEqual({ status: 101, protocol: '' })
    expect(await upgrade(['parley.1.msgpack', 'parley.1.json'])).toEqual({ status: 101, protocol: 'parley.1.msgpack' })
    expect(await upgrade(['parley.9', 'parley.1.json'])).toEqual({ status: 101, protocol: 'parley.1.json' })
    expect(await upgrade(['parley.9'])).toMatchObject({ status: 400 })
  })

  it('K5: an Origin that is not allowed is refused', async () => {
    expect(await upgrade([], { origin: 'https://evil.example' })).toMatchObject({ status: 403 })
    expect(await upgrade([], { origin: world.url })).toMatchObject({ status: 101 })
  })

  it('S4: a wrong hello is an error and 4100; frames before hello close; unknown frames are counted', async () => {
    const person = await world.person()
    const wrong = await world.socket({ ...person, token: 'nobody' })
    wrong.write({ t: 'hello', token: 'nobody' })
    expect(await wrong.closed).toMatchObject({ code: 4100 })
    expect(wrong.frames).toMatchObject([{ t: 'error', code: 'unauthenticated' }])
    const early = await world.socket(person)
    early.write({ t: 'ping' })
    expect((await early.closed).code).toBe(4102)
    const { client } = await person.connect()
    client.write({ t: 'dance', ref: 5 })
    expect(await client.waitFor((frame) => frame.t === 'error')).toMatchObject({ code: 'invalid', ref: 5 })
    for (let i = 0; i < 10; i++) client.write({ t: 'dance' })
    client.write({ t: 'ping' })
    await client.waitFor((frame) => frame.t === 'pong')
    client.writeRaw('{"t":')
    expect((await client.closed).code).toBe(4102)
  })

  it('K4: a second socket of the same device takes over', async () => {
    const person = await world.person()
    const first = await person.connect()
    const second = await person.connect()
    expect(await first.client.closed).toMatchObject({ code: 4104 })
    expect(second.client.isOpen).toBe(true)
  })

  it('K2: log-out closes the socket with 4101 within a second, deletion with 4103', async () => {
    const person = await world.person()
    const laptop = await person.secondDevice()
    const { client } = await laptop.connect()
    const started = performance.now()
    expect(await person.api.request('DELETE', `/v1/me/devices/${laptop.device}`)).toMatchObject({ status: 204 })
    expect(await client.closed).toMatchObject({ code: 4101 })
    expect(performance.now() - started).toBeLessThan(1000)
    expect(await laptop.api.request('GET', '/v1/me')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    const own = await person.connect()
    expect(await person.api.request('DELETE', '/v1/me', { password: 'not it at all' })).toMatchObject({ status: 403 })
    expect(await person.api.request('DELETE', '/v1/me', { password: person.password })).toMatchObject({ status: 204 })
    expect(await own.client.closed).toMatchObject({ code: 4103 })
  })

  it('K1: welcome names the heartbeat; S2: frames behind hello wait for welcome', async () => {
    const person = await world.person()
    const client = await world.socket(person)
    client.write([{ t: 'hello', token: person.token }, { t: 'ping' }])
    await client.waitFor((frame) => frame.t === 'pong')
    expect(client.frames[0]).toMatchObject({
      t: 'welcome',
      heartbeat: 30_000,
      resume: 'ok',
      window: 256,
      user: person.user,
    })
  })

  it('connects with a ticket of POST /v1/connect', async () => {
    const person = await world.person()
    const { url, ticket } = await person.api.call<{ url: string; ticket: string }>('POST', '/v1/connect', {})
    expect(world.urls).toContain(url)
    const client = await world.socket(person)
    client.write({ t: 'hello', ticket })
    expect(await client.waitFor((frame) => frame.t === 'welcome')).toMatchObject({ device: person.device })
    const forged = await world.socket(person)
    forged.write({ t: 'hello', ticket: `${ticket}x` })
    expect((await forged.closed).code).toBe(4100)
  })
})

describe('presence and typing', () => {
  it('tells those who share a conversation, and nobody else', async () => {
    const [alice, bob, stranger] = (await world.people(3)) as [Person, Person, Person]
    const chat = await alice.api.direct(bob.user)
    const presenceFor = (viewer: Person, user: string) => viewer.api.call('GET', `/v1/presence?users=${user}`)
    expect(await presenceFor(alice, bob.user), 'nothing was said yet').toEqual({ items: [] })
    await alice.api.call('POST', `/v1/conversations/${chat.id}/messages`, {
      clientMessageId: 'first',
      content: { text: 'hello' },
    })
    expect(await presenceFor(alice, bob.user)).toMatchObject({ items: [{ user: bob.user }] })
    expect(await presenceFor(bob, alice.user)).toMatchObject({ items: [{ user: alice.user }] })
    const [a, s] = await Promise.all([alice.connect(), stranger.connect()])
    a.client.write({ t: 'presence', status: 'active', watch: [bob.user] })
    expect(await a.client.waitFor((frame) => frame.t === 'presence')).toMatchObject({
      user: bob.user,
      status: 'offline',
    })
    s.client.write({ t: 'presence', status: 'active', watch: [bob.user] })
    const b = await bob.connect()
    expect(await a.client.waitFor((frame) => frame.t === 'presence' && frame.status === 'online')).toMatchObject({
      user: bob.user,
    })
    b.client.write({ t: 'presence', status: 'away' })
    await a.client.waitFor((frame) => frame.t === 'presence' && frame.status === 'away')
    b.client.write({ t: 'typing', conversation: chat.id, state: 'typing' })
    expect(await a.client.waitFor((frame) => frame.t === 'typing')).toEqual({
      t: 'typing',
      conversation: chat.id,
      user: bob.user,
      state: 'typing',
    })
    s.client.write({ t: 'typing', conversation: chat.id, state: 'typing' })
    expect(await presenceFor(stranger, bob.user)).toEqual({ items: [] })
    expect(await presenceFor(alice, bob.user)).toMatchObject({ items: [{ user: bob.user, status: 'away' }] })
    await bob.api.call('PATCH', '/v1/me/settings', { lastSeen: 'contacts' })
    expect(await presenceFor(alice, bob.user), 'he never wrote to her').toEqual({ items: [] })
    await alice.api.call('POST', '/v1/conversations', { title: 'Both', members: [bob.user] })
    expect(await presenceFor(alice, bob.user), 'a fresh group').toMatchObject({ items: [{ status: 'away' }] })
    await bob.api.call('PATCH', '/v1/me/settings', { lastSeen: 'nobody' })
    expect(await presenceFor(alice, bob.user)).toEqual({ items: [] })
    expect(s.client.frames.some((frame) => frame.t === 'presence' || frame.t === 'typing')).toBe(false)
    expect(a.client.frames.filter((frame) => frame.t === 'typing')).toHaveLength(1)
  })
})
