import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { liveClient, newWorld, type World } from '../testing/sim-client.ts'
import { seeded } from '../testing/sim-clock.ts'

type Step =
  | { do: 'theirs' | 'mine' | 'restart' | 'break' | 'reset' }
  /** A share of what is there. */
  | { do: 'read here' | 'read elsewhere'; share: number }

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>({ do: 'theirs' }) },
    { weight: 3, arbitrary: fc.constant<Step>({ do: 'mine' }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('read here' as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('read elsewhere' as const),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'restart' }, { do: 'break' }, { do: 'reset' }) },
  ),
  { minLength: 3, maxLength: 40, size: 'max' },
)
/** Milliseconds between steps: 0 makes them race. */
const pauses = fc.array(fc.constantFrom(0, 0, 1, 3, 200), { minLength: 40, maxLength: 40 })

async function take(step: Step, world: World, client: Client): Promise<Client> {
  const head = world.server.log('c1').length
  switch (step.do) {
    case 'theirs':
      world.server.say('c1', 'x')
      return client
    case 'mine':
      client
        .conversation('c1')
        .send('y')
        .catch(() => {})
      return client
    case 'read here':
      void client.conversation('c1').read(Math.round(step.share * (client.conversation('c1').state?.head ?? 0)))
      return client
    case 'read elsewhere':
      world.server.readUpTo('c1', Math.round(step.share * head))
      return client
    case 'break':
      world.server.sessions.at(-1)?.end(1006)
      return client
    case 'reset':
      world.server.floor = world.server.queue.length + 1
      world.server.sessions.at(-1)?.end(1006)
      return client
    case 'restart': {
      await client.close()
      const next = await world.start({ seed: world.clock.now() })
      next.connect()
      return next
    }
  }
}

describe('unread', () => {
  it('is counted here while the server is away, also when a part is read, and is told when it is back', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    for (let n = 0; n < 6; n++) world.server.say('c1', 'x')
    client
      .conversation('c1')
      .send('mine')
      .catch(() => {})
    await world.clock.advance(100)
    const { server } = world
    server.down = true
    server.sessions.at(-1)?.end(1006)
    const unreadAfter = async (seq?: number): Promise<number | undefined> => {
      await client.conversation('c1').read(seq)
      return client.conversation('c1').state?.unread
    }
    expect(client.conversation('c1').state?.unread).toBe(6)
    expect(await unreadAfter(2)).toBe(4)
    // It never moves back.
    expect(await unreadAfter(1)).toBe(4)
    expect(await unreadAfter(5)).toBe(1)
    expect(await unreadAfter()).toBe(0)
    expect(server.read.c1).toBeUndefined()
    server.down = false
    await world.clock.until('told', () => server.read.c1 === 7)
    expect(server.frames.filter(({ t }) => t === 'read')).toHaveLength(1)
    await client.close()
  })

  it('a count that is older than the inbox changes nothing of it', async () => {
    const world = await newWorld()
    const { server } = world
    for (let n = 0; n < 10; n++) server.say('c1', 'x')
    server.lag = () => 50
    server.readUpTo('c1', 3)
    server.lag = () => 0
    for (let n = 0; n < 10; n++) server.say('c1', 'x')
    const client = await liveClient(world)
    expect(client.conversation('c1').state).toMatchObject({ read: 3, unread: 17 })
    await world.clock.advance(100)
    expect(server.queue.at(-1)?.update?.kind).toBe('read')
    expect(client.conversation('c1').state).toMatchObject({ read: 3, unread: 17 })
    await client.close()
  })

  it('a mark from a server that knew less than the inbox says is counted by asking', async () => {
    const world = await newWorld()
    const { server } = world
    for (let n = 0; n < 20; n++) server.say('c1', 'x')
    const client = await liveClient(world)
    expect(client.conversation('c1').state).toMatchObject({ read: 0, unread: 20 })
    server.read.c1 = 16
    server.enqueue({ kind: 'read', conversation: 'c1', read: 16, unread: 2, head: 18 })
    await world.clock.advance(100)
    expect(client.conversation('c1').state).toMatchObject({ read: 16, unread: 4 })
    await client.close()
  })

  it('is right again soon where the device does not hold what is read', async () => {
    const world = await newWorld()
    for (let n = 0; n < 20; n++) world.server.say('c1', 'x')
    const client = await liveClient(world)
    expect(client.conversation('c1').state?.unread).toBe(20)
    await client.conversation('c1').read(12)
    await world.clock.advance(10)
    expect(client.conversation('c1').state).toMatchObject({ read: 12, unread: 8 })
    await client.close()
  })

  it('is what the server counts, whatever is read where, and when (rule Y6)', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, pauses, fc.integer(), async (script, pause, seed) => {
        const world = await newWorld()
        world.server.log('c1')
        const random = seeded(seed)
        world.server.lag = () => Math.floor(random.float() * 4)
        let client = await liveClient(world)
        for (const [index, step] of script.entries()) {
          client = await take(step, world, client)
          await world.clock.advance(pause[index] ?? 0)
        }
        const { server } = world
        const quiet = (): boolean => client.state.status === 'live' && client.conversation('c1').pending().length === 0
        await world.clock.until('quiet', quiet)
        await world.clock.advance(5000)
        const { head, read, unread } = client.conversation('c1').state ?? {}
        expect({ head, read, unread }).toEqual({
          head: server.log('c1').length,
          read: server.read.c1 ?? 0,
          unread: server.unread('c1'),
        })
        await client.close()
      }),
      { numRuns: 2000 },
    )
  })
})
