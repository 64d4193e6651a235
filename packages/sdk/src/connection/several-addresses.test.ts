import type { DownFrame } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { newWorld, type World } from '../testing/sim-client.ts'

const addresses = ['http://one.test', 'http://two.test', 'http://three.test']
const socketOf = (name: string): string => `ws://${name}.test/v1/socket`
const jitter = 500

/** A service of three nodes; each allocates `allocated`, which has a url of its own that nobody was told before. */
async function cluster({ allocated = 'http://node-2.test' } = {}): Promise<World & { client: Client }> {
  const world = await newWorld()
  let tickets = 0
  world.server.answer = (call) =>
    call.path === '/v1/connect'
      ? { url: allocated, ticket: `ticket ${++tickets}`, expiresAt: 0 }
      : world.server.route(call)
  const client = await world.start({ server: addresses })
  client.connect()
  await world.clock.until('live', () => client.state.status === 'live')
  await world.clock.advance(20)
  return { ...world, client }
}

const live = (world: World & { client: Client }, ms?: number) =>
  world.clock.until('live', () => world.client.state.status === 'live', ms)
const session = (world: World) => world.server.sessions.at(-1)!
const allocations = (world: World) =>
  world.server.calls.flatMap(({ path, host, body }) => (path === '/v1/connect' ? [{ host, body }] : []))
const hello = (world: World) => world.server.frames.findLast((frame) => frame.t === 'hello')
const bye: DownFrame = { t: 'bye', reason: 'restart', reconnect: true, after: 0, spread: 0 }

/** As a node does that is killed: its sockets break, nothing answers at its address. */
async function lose(world: World & { client: Client }, host: string): Promise<void> {
  world.server.gone.add(host)
  world.server.opened.length = 0
  session(world).end(1006)
  await world.clock.until('noticed', () => world.client.state.status === 'waiting')
}

describe('a client with several addresses', () => {
  it('goes to an address it was given first, with the token', async () => {
    const world = await cluster()
    expect(session(world).url).toBe(socketOf('one'))
    expect(allocations(world)).toEqual([])
    await world.client.close()
  })

  it('asks the others for a server when its node is lost, not for that one, and waits no longer than the jitter (K3)', async () => {
    const world = await cluster()
    await lose(world, 'one.test')
    await live(world, jitter + 20)
    expect(allocations(world)).toEqual([{ host: 'two.test', body: { avoid: socketOf('one') } }])
    expect(session(world).url).toBe(socketOf('node-2'))
    expect(hello(world)).toMatchObject({ ticket: 'ticket 1' })
    expect(hello(world)).not.toHaveProperty('token')
    await world.client.close()
  })

  it('pays no back-off for addresses that are dead, too', async () => {
    const world = await cluster()
    world.server.gone.add('two.test')
    await lose(world, 'one.test')
    await live(world, jitter + 20)
    expect(allocations(world)).toEqual([{ host: 'three.test', body: { avoid: socketOf('one') } }])
    await world.client.close()
  })

  it('goes on with calls over HTTP at an address that answers', async () => {
    const world = await cluster()
    await lose(world, 'one.test')
    await live(world)
    await world.clock.settling('made', world.client.createGroup({ title: 'Garden', members: [] }))
    await world.client.close()
  })

  it('asks for another server when the allocated one is dead, then goes to an address itself', async () => {
    const world = await cluster()
    world.server.gone.add('node-2.test')
    await lose(world, 'one.test')
    await live(world, jitter + 20)
    expect(world.server.opened).toEqual([socketOf('node-2'), socketOf('two')])
    expect(hello(world)).toMatchObject({ token: 'token' })
    await world.client.close()
  })

  it('tries what failed once in a round, also where two addresses allocate it', async () => {
    const world = await cluster({ allocated: 'http://two.test' })
    await lose(world, 'one.test')
    // HTTP answers at two.test, sockets do not open there.
    world.server.opened.length = 0
    world.server.noSockets = true
    await world.clock.until('a round is over', () => {
      const { state } = world.client
      return state.status === 'waiting' && state.failures === 2
    })
    expect(world.server.opened).toEqual([socketOf('two'), socketOf('three')])
    expect(allocations(world).map(({ body }) => body)).toEqual([{ avoid: socketOf('one') }, { avoid: socketOf('two') }])
    await world.client.close()
  })

  it('backs off only after all addresses failed, and asks again for a server then', async () => {
    const world = await cluster()
    for (const host of ['two.test', 'three.test']) world.server.gone.add(host)
    await lose(world, 'one.test')
    const waits: number[] = []
    world.client.on('state', (state) => {
      if (state.status === 'waiting') waits.push(state.failures)
    })
    await world.clock.until('three rounds', () => waits.length === 3)
    expect(waits).toEqual([2, 3, 4])
    world.server.gone.delete('three.test')
    await live(world, 8000)
    expect(allocations(world).at(-1)).toEqual({ host: 'three.test', body: { avoid: socketOf('one') } })
    await world.client.close()
  })

  it('comes back to the node it lost when that is the only one', async () => {
    const world = await cluster({ allocated: 'http://one.test' })
    for (const host of ['two.test', 'three.test']) world.server.gone.add(host)
    session(world).end(1006)
    await world.clock.until('noticed', () => world.client.state.status === 'waiting')
    await live(world, jitter + 20)
    expect(session(world).url).toBe(socketOf('one'))
    await world.client.close()
  })

  it('follows bye to its url, after the time it says, with a fresh ticket of an address that stays (K2, K3)', async () => {
    const world = await cluster()
    const url = 'http://node-7.test'
    session(world).give({ ...bye, after: 2000, spread: 1000, url })
    await world.clock.advance(5)
    const before = world.clock.now()
    world.server.gone.add('one.test')
    session(world).end(4004)
    await world.clock.until('moving', () => allocations(world).length === 1)
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(2000)
    expect(world.clock.now() - before).toBeLessThanOrEqual(3010)
    await live(world, 20)
    expect(session(world).url).toBe(socketOf('node-7'))
    expect(hello(world)).toMatchObject({ ticket: 'ticket 1' })
    expect(allocations(world)).toEqual([{ host: 'two.test', body: { avoid: socketOf('one') } }])
    await world.client.close()
  })

  it('goes to what is allocated when the url of bye is dead', async () => {
    const world = await cluster()
    world.server.gone.add('node-7.test')
    session(world).give({ ...bye, url: 'http://node-7.test' })
    await world.clock.advance(5)
    session(world).end(4004)
    await world.clock.until('moved', () => world.client.state.status !== 'live')
    await live(world, 100)
    expect(world.server.opened.slice(-2)).toEqual([socketOf('node-7'), socketOf('two')])
    await world.client.close()
  })

  it('asks for a server after close code 4004 without bye (K2)', async () => {
    const world = await cluster()
    session(world).end(4004)
    await world.clock.until('moved', () => world.client.state.status !== 'live')
    await live(world, jitter + 20)
    expect(session(world).url).toBe(socketOf('node-2'))
    await world.client.close()
  })

  it('falls back to the token when its ticket is refused; when that is refused, too, it is logged out (K2, K5)', async () => {
    const world = await cluster()
    world.server.worthless.add('ticket 1')
    await lose(world, 'one.test')
    await live(world, jitter + 20)
    expect(session(world).url).toBe(socketOf('two'))
    expect(hello(world)).toMatchObject({ token: 'token' })
    for (const secret of ['ticket 2', 'token']) world.server.worthless.add(secret)
    await lose(world, 'two.test')
    await world.clock.until('ended', () => world.client.state.status === 'closed')
    expect(world.client.state).toEqual({ status: 'closed', reason: 'unauthenticated' })
    expect(world.server.frames.filter((frame) => frame.t === 'hello' && frame.token && frame.ticket)).toEqual([])
    await world.client.close()
  })

  it('takes the socket of an address that allocates nothing at the moment', async () => {
    const world = await cluster()
    world.server.status = ({ path }) => (path === '/v1/connect' ? 503 : 200)
    await lose(world, 'one.test')
    await live(world, jitter + 20)
    expect(world.server.opened).toEqual([socketOf('two')])
    await world.client.close()
  })
})

describe('back-off (K3)', () => {
  it('grows while servers take sockets and never greet', async () => {
    const world = await newWorld()
    world.server.silent = true
    const client = await world.start()
    const failures: number[] = []
    client.on('state', (state) => {
      if (state.status === 'waiting') failures.push(state.failures)
    })
    client.connect()
    await world.clock.until('two tries', () => failures.length === 2)
    expect(failures).toEqual([1, 2])
    await client.close()
  })

  it('starts anew after a connection that stood for a while', async () => {
    const world = await cluster()
    for (let again = 0; again < 3; again++) {
      await world.clock.advance(6000)
      session(world).end(1006)
      await world.clock.until('noticed', () => world.client.state.status === 'waiting')
      expect(world.client.state).toMatchObject({ failures: 1 })
      await live(world)
    }
    await world.client.close()
  })
})
