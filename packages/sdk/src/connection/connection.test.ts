import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { backOff } from '../lib/back-off.ts'
import { liveClient, newWorld, type World } from '../testing/sim-client.ts'
import { seeded } from '../testing/sim-clock.ts'
import type { ConnectionState } from './state.ts'

function states(client: Client): ConnectionState[] {
  const seen: ConnectionState[] = []
  client.on('state', (state) => seen.push(state))
  return seen
}
const session = (world: World) => world.server.sessions.at(-1)!
const hellos = (world: World) => world.server.frames.flatMap((frame) => (frame.t === 'hello' ? [frame] : []))

describe('connection', () => {
  it('goes through its states to live, and back to it after a break', async () => {
    const world = await newWorld()
    const client = await world.start()
    const seen = states(client)
    expect(client.state).toEqual({ status: 'closed', reason: 'new' })
    client.connect()
    await world.clock.until('live', () => client.state.status === 'live')
    session(world).end(1006)
    expect(client.state.status).toBe('live')
    await world.clock.until('live again', () => seen.filter(({ status }) => status === 'live').length === 2)
    const round = ['connecting', 'greeting', 'catching-up', 'live']
    expect(seen.map(({ status }) => status)).toEqual([...round, 'waiting', ...round])
    await client.close()
    expect(client.state).toEqual({ status: 'closed', reason: 'closed' })
  })

  it('waits with full jitter from 0.5 s to 60 s (rule K3)', () => {
    const random = seeded(7)
    const bounds = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
    for (const [index, bound] of bounds.entries()) {
      const delays = Array.from({ length: 2000 }, () => backOff(random, index + 1))
      expect(Math.max(...delays)).toBeLessThanOrEqual(bound)
      expect(Math.max(...delays)).toBeGreaterThan(bound * 0.95)
      expect(Math.min(...delays)).toBeLessThan(bound * 0.05 + 50)
    }
  })

  it('tries at every address, and less and less often, while nothing answers; connect() tries at once', async () => {
    const world = await newWorld()
    world.server.down = true
    const client = await world.start({ server: ['http://one.test', 'http://two.test'] })
    const seen = states(client)
    client.connect()
    await world.clock.advance(600_000)
    const tried = seen.filter(({ status }) => status === 'connecting')
    expect(new Set(tried.flatMap((state) => ('url' in state ? [new URL(state.url).hostname] : [])))).toEqual(
      new Set(['one.test', 'two.test']),
    )
    expect(tried.length).toBeGreaterThan(10)
    expect(tried.length).toBeLessThan(80)
    world.server.down = false
    client.connect()
    const before = world.clock.now()
    await world.clock.until('live', () => client.state.status === 'live')
    expect(world.clock.now() - before).toBeLessThan(100)
    await client.close()
  })

  it('respects bye: comes back after `after` and at most `spread` more (rule K3)', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    session(world).give({ t: 'bye', reason: 'restart', reconnect: true, after: 3000, spread: 2000 })
    await world.clock.advance(10)
    const before = world.clock.now()
    session(world).end(4000)
    await world.clock.until('back', () => client.state.status === 'connecting')
    const delay = world.clock.now() - before
    expect(delay).toBeGreaterThanOrEqual(3000)
    expect(delay).toBeLessThanOrEqual(5000)
    await client.close()
  })

  it('leaves by itself when the server said bye and forgot to close', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    session(world).give({ t: 'bye', reason: 'restart', reconnect: true, after: 0, spread: 0 })
    await world.clock.until('gone', () => client.state.status === 'waiting', 6000)
    await client.close()
  })

  it('moves to the server that is allocated, with a ticket; the token goes to configured addresses only (rule K5)', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    world.server.answer = (call) =>
      call.path === '/v1/connect'
        ? { url: 'ws://node-2.test/v1/socket', ticket: 'ticket', expiresAt: 0 }
        : world.server.route(call)
    session(world).give({
      t: 'bye',
      reason: 'moved',
      reconnect: true,
      after: 0,
      spread: 0,
      url: 'ws://node-2.test/v1/socket',
    })
    await world.clock.advance(10)
    session(world).end(4004)
    await world.clock.until('live there', () => client.state.status === 'live')
    expect(session(world).url).toBe('ws://node-2.test/v1/socket')
    const hello = hellos(world).at(-1)!
    expect(hello.ticket).toBe('ticket')
    expect(hello.token).toBeUndefined()
    expect(world.server.calls.find(({ path }) => path === '/v1/connect')?.body).toEqual({
      avoid: 'ws://server.test/v1/socket',
    })
    session(world).end(1006)
    await world.clock.until('back where it was configured', () => session(world)?.url === 'ws://server.test/v1/socket')
    await client.close()
  })

  it('asks for an allocated server first when it is told to', async () => {
    const world = await newWorld()
    world.server.answer = (call) =>
      call.path === '/v1/connect'
        ? { url: 'ws://node-3.test/v1/socket', ticket: 'ticket', expiresAt: 0 }
        : world.server.route(call)
    const client = await world.start({ allocate: true })
    client.connect()
    await world.clock.until('live', () => client.state.status === 'live')
    expect(session(world).url).toBe('ws://node-3.test/v1/socket')
    await client.close()
  })

  it.each([
    [4100, 'unauthenticated'],
    [4101, 'logged-out'],
    [4102, 'protocol'],
    [4103, 'account-deleted'],
    [4104, 'taken-over'],
    [4150, 'refused'],
  ])('does not come back after close code %i: %s (rule K2)', async (code, reason) => {
    const world = await newWorld()
    const client = await liveClient(world)
    session(world).end(code)
    await world.clock.advance(300_000)
    expect(client.state).toEqual({ status: 'closed', reason })
    expect(hellos(world)).toHaveLength(1)
    await client.close()
  })

  it.each([1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4050])(
    'comes back after close code %i (rule K2)',
    async (code) => {
      const world = await newWorld()
      const client = await liveClient(world)
      session(world).end(code)
      await world.clock.until('live again', () => client.state.status === 'live' && hellos(world).length === 2)
      await client.close()
    },
  )

  it('keeps the outbox of a device that was logged out, and its token no longer', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    session(world).end(4101)
    await world.clock.advance(10)
    void client
      .conversation('c1')
      .send('later')
      .catch(() => {})
    await world.clock.advance(10)
    expect(() => client.connect()).toThrow('Log in first.')
    expect((await world.store.load()).outbox).toHaveLength(1)
    expect((await world.store.load()).session?.token).toBeUndefined()
    await client.close()
  })

  it('pings when it has nothing to say, at least every heartbeat (rule Y5)', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    world.server.frames.length = 0
    await world.clock.advance(10 * 30_000)
    const pings = world.server.frames.filter(({ t }) => t === 'ping')
    expect(pings.length).toBeGreaterThanOrEqual(10)
    expect(pings.length).toBeLessThanOrEqual(14)
    expect(client.state.status).toBe('live')
    await client.close()
  })

  it('drops a connection on which nothing was heard for two heartbeats (rule K1)', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    session(world).mute()
    const before = world.clock.now()
    await world.clock.until('dropped', () => client.state.status === 'waiting')
    expect(world.clock.now() - before).toBeLessThanOrEqual(61_000)
    expect(world.clock.now() - before).toBeGreaterThan(45_000)
    await client.close()
  })

  it('takes several frames in one message, and passes over frames it does not know (rule S1)', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    const typing: unknown[] = []
    client.on('typing', (event) => typing.push(event))
    const event = { conversation: 'c1', user: 'other', state: 'typing' }
    session(world).giveText(JSON.stringify([{ t: 'news' }, { t: 'typing', ...event }, { t: 'typing', ...event }]))
    await world.clock.advance(10)
    expect(typing).toEqual([event, event])
    expect(client.state.status).toBe('live')
    await client.close()
  })

  it('drops a connection that brings what is no frame, and comes back', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    session(world).giveText('<html>')
    await world.clock.until('dropped', () => client.state.status === 'waiting', 100)
    await world.clock.until('live again', () => client.state.status === 'live')
    await client.close()
  })

  it('gives up a socket that opens and is never greeted', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    world.server.silent = true
    session(world).end(1006)
    await world.clock.until('greeting', () => client.state.status === 'greeting')
    await world.clock.until('given up', () => client.state.status === 'waiting', 10_100)
    await client.close()
  })

  it('polls where sockets do not get through, sends over HTTP, and returns to sockets (rule L1)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    world.server.noSockets = true
    const client = await world.start()
    const heard: number[] = []
    client.on('message', ({ seq }) => heard.push(seq))
    client.connect()
    await world.clock.until('live by poll', () => client.state.status === 'live' && client.state.via === 'poll', 60_000)
    const sent = Promise.all(['one', 'two', 'three'].map((text) => client.conversation('c1').send(text)))
    await world.clock.until('answered', () => client.conversation('c1').pending().length === 0, 30_000)
    expect((await sent).map(({ seq }) => seq)).toEqual([1, 2, 3])
    world.server.say('c1', 'hello')
    await world.clock.until('heard', () => heard.length === 4, 30_000)
    expect(heard).toEqual([1, 2, 3, 4])
    await client.conversation('c1').read()
    await world.clock.until('told', () => world.server.calls.some(({ path }) => path.endsWith('/read')), 1000)
    world.server.noSockets = false
    await world.clock.until(
      'live by socket',
      () => client.state.status === 'live' && client.state.via === 'socket',
      120_000,
    )
    expect(hellos(world)[0]?.cursor).toBe('5')
    await client.close()
  })

  it('asks again at once when a poll is sent back, and waits when that is all that happens', async () => {
    const world = await newWorld()
    world.server.log('c1')
    world.server.noSockets = true
    const client = await world.start()
    const heard: number[] = []
    client.on('message', ({ seq }) => heard.push(seq))
    client.connect()
    await world.clock.until('live by poll', () => client.state.status === 'live')
    world.server.hastyPolls = 1
    await world.clock.until('sent back', () => world.server.hastyPolls === 0, 100)
    await world.clock.advance(10)
    world.server.say('c1', 'hello')
    await world.clock.until('heard', () => heard.length === 1, 200)
    const polls = (): number => world.server.calls.filter(({ path }) => path === '/v1/sync').length
    const before = polls()
    world.server.hastyPolls = 1_000
    await world.clock.advance(5_000)
    expect(polls() - before).toBeLessThan(10)
    await client.close()
  })

  it('where only polls get through, a server that was away is polled again soon', async () => {
    const world = await newWorld()
    world.server.noSockets = true
    const client = await world.start()
    client.connect()
    await world.clock.until('live by poll', () => client.state.status === 'live', 60_000)
    for (let n = 0; n < 5; n++) {
      await world.clock.advance(6_000)
      world.server.down = true
      await world.clock.until('down', () => client.state.status === 'waiting', 30_000)
      await world.clock.advance(20)
      world.server.down = false
      await world.clock.until('live again', () => client.state.status === 'live', 2_000)
    }
    await client.close()
  })

  it('the end of a poll takes nothing from the socket that followed it', async () => {
    const world = await newWorld()
    world.server.log('c1')
    world.server.noSockets = true
    const client = await world.start()
    client.connect()
    await world.clock.until('live by poll', () => client.state.status === 'live')
    await world.clock.advance(120)
    world.server.noSockets = false
    client.disconnect()
    client.connect()
    await world.clock.until('live by socket', () => client.state.status === 'live' && client.state.via === 'socket')
    await world.clock.advance(100)
    void client.conversation('c1').send('hello')
    await world.clock.until('answered', () => client.conversation('c1').pending().length === 0, 1000)
    await client.close()
  })

  it('comes back when everything was away for long', async () => {
    const world = await newWorld()
    world.server.down = true
    const client = await world.start()
    client.connect()
    await world.clock.advance(120_000)
    world.server.down = false
    await world.clock.until('live', () => client.state.status === 'live', 130_000)
    await client.close()
  })
})
