import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import type { Fault } from '../testing/fake-server.ts'
import { me } from '../testing/people.ts'
import { liveClient, newWorld, type World } from '../testing/sim-client.ts'
import { seeded } from '../testing/sim-clock.ts'

const texts = (world: World, conversation: string): unknown[] =>
  world.server.log(conversation).flatMap((entry) => (entry.kind === 'message' ? [entry.content] : []))

const numbered = (count: number): { text: string }[] => Array.from({ length: count }, (_, n) => ({ text: `${n}` }))

describe('outbox', () => {
  it('sends without waiting for answers, and resolves each with its own', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const before = world.clock.now()
    const sent = Promise.all(numbered(20).map((content) => client.conversation('c1').send(content)))
    await world.clock.until('all are answered', () => client.conversation('c1').pending().length === 0)
    expect((await sent).map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
    // One round trip, not twenty.
    expect(world.clock.now() - before).toBeLessThan(10)
    await client.close()
  })

  it('has at most 32 unanswered', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    world.server.frames.length = 0
    // Answered in 2 ms: what arrives in the first is what went without an answer.
    void Promise.all(numbered(100).map((content) => client.conversation('c1').send(content)))
    await world.clock.advance(1)
    expect(world.server.frames.filter(({ t }) => t === 'send')).toHaveLength(32)
    await world.clock.until('all are answered', () => client.conversation('c1').pending().length === 0)
    expect(texts(world, 'c1')).toEqual(numbered(100))
    await client.close()
  })

  it('keeps the order after a refusal that passes: all that was refused goes again, first things first (rule D3)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    let refusals = 0
    world.server.fault = (frame) =>
      frame.t === 'send' && 'text' in frame.content && frame.content.text === '3' && refusals++ < 3 ? 'refused' : 'none'
    const sent = Promise.all(numbered(10).map((content) => client.conversation('c1').send(content)))
    await world.clock.until('all are answered', () => client.conversation('c1').pending().length === 0)
    await sent
    expect(refusals).toBe(4)
    expect(texts(world, 'c1')).toEqual(numbered(10))
    await client.close()
  })

  it('waits for the refusals of what followed before anything goes again (rule D3)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    world.server.retryAfter = 0
    const client = await liveClient(world)
    let refusals = 0
    world.server.fault = (frame) =>
      frame.t === 'send' && 'text' in frame.content && frame.content.text === '0' && refusals++ < 1 ? 'refused' : 'none'
    for (const content of numbered(10)) {
      void client.conversation('c1').send(content)
      await world.clock.advance(1)
    }
    await world.clock.until('all are answered', () => client.conversation('c1').pending().length === 0)
    expect(texts(world, 'c1')).toEqual(numbered(10))
    await client.close()
  })

  it('a refusal in one conversation does not hold another', async () => {
    const world = await newWorld()
    world.server.log('c1')
    world.server.log('c2')
    const client = await liveClient(world)
    world.server.fault = (frame) => ('conversation' in frame && frame.conversation === 'c1' ? 'refused' : 'none')
    const held = client.conversation('c1').send('held')
    const free = client.conversation('c2').send('free')
    await world.clock.advance(50)
    expect((await free).seq).toBe(1)
    expect(client.conversation('c1').pending()).toHaveLength(1)
    world.server.fault = () => 'none'
    await world.clock.advance(60_000)
    await held
    await client.close()
  })

  it('survives a restart: what was stored and not answered is sent, under the same clientMessageId (rule D2)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const first = await liveClient(world)
    world.server.fault = () => 'unanswered'
    const rejected = expect(first.conversation('c1').send('once')).rejects.toThrow('closed')
    await world.clock.until('it was stored at the server', () => texts(world, 'c1').length === 1)
    world.server.fault = () => 'none'
    await first.close()
    await rejected
    const second = await liveClient(world)
    await world.clock.until('answered', () => second.conversation('c1').pending().length === 0)
    expect(texts(world, 'c1')).toEqual([{ text: 'once' }])
    const ids = world.server.frames.flatMap((frame) => (frame.t === 'send' ? [frame.clientMessageId] : []))
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
    await second.close()
  })

  it('aborting takes a message back while it was not sent', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await world.start()
    const abort = new AbortController()
    const aborted = expect(client.conversation('c1').send('no', { signal: abort.signal })).rejects.toThrow(
      'changed my mind',
    )
    void client.conversation('c1').send('yes')
    await world.clock.advance(1)
    abort.abort(new Error('changed my mind'))
    await aborted
    client.connect()
    await world.clock.until(
      'answered',
      () => client.state.status === 'live' && client.conversation('c1').pending().length === 0,
    )
    expect(texts(world, 'c1')).toEqual([{ text: 'yes' }])
    await client.close()
  })

  it('refuses what the server would: empty, too long', async () => {
    const world = await newWorld()
    const client = await world.start()
    await expect(client.conversation('c1').send('')).rejects.toMatchObject({ code: 'invalid', field: 'content.text' })
    const tooLong = 'x'.repeat(16 * 1024 + 1)
    await expect(client.conversation('c1').send(tooLong)).rejects.toMatchObject({ code: 'too_large' })
    expect(client.conversation('c1').pending()).toEqual([])
    await client.close()
  })

  it('each message is stored once and in order, whatever is lost, refused, repeated or restarted', {
    timeout: 120_000,
  }, async () => {
    const kinds = fc.constantFrom<Fault>('lost', 'unanswered', 'refused')
    const faults = fc.array(fc.option(kinds, { nil: 'none' as const, freq: 3 }), { maxLength: 60 })
    const restarts = fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(faults, restarts, fc.integer(), async (script, pauses, seed) => {
        await everythingArrives(script, pauses, seed)
      }),
      { numRuns: 2000 },
    )
  })
})

async function everythingArrives(script: Fault[], restartAfter: number[], seed: number): Promise<void> {
  const world = await newWorld()
  const random = seeded(seed)
  const conversations = ['c1', 'c2']
  for (const id of conversations) world.server.log(id)
  const faults = [...script]
  world.server.fault = () => faults.shift() ?? 'none'
  world.server.retryAfter = Math.floor(random.float() * 4)
  let client: Client = await world.start({ seed })
  client.connect()
  const asked: Record<string, { text: string }[]> = { c1: [], c2: [] }
  const say = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const id = conversations[Math.floor(random.float() * 2)]!
      const content = { text: `${asked[id]!.length}` }
      asked[id]!.push(content)
      client
        .conversation(id)
        .send(content)
        .catch(() => {})
      if (random.float() < 0.2) world.server.say(id, 'between')
      if (random.float() < 0.3) await world.clock.advance(Math.floor(random.float() * 100))
    }
    // What was asked for is in the store.
    await world.clock.advance(0)
  }
  await say(15)
  for (const [index, pause] of restartAfter.entries()) {
    await world.clock.advance(pause)
    await client.close()
    client = await world.start({ seed: seed + 1 + index })
    client.connect()
    await say(5)
  }
  const quiet = (): boolean =>
    client.state.status === 'live' && conversations.every((id) => client.conversation(id).pending().length === 0)
  await world.clock.until('everything is answered', quiet, 3_600_000)
  await world.clock.advance(1000)
  for (const id of conversations) {
    const log = world.server.log(id)
    const mine = log.flatMap((entry) => (entry.kind === 'message' && entry.sender === me ? [entry.content] : []))
    expect(mine).toEqual(asked[id])
    const { items } = await client.conversation(id).messages({ limit: 200, local: true })
    const held = log.filter(({ seq }) => seq >= (items[0]?.seq ?? log.length + 1))
    expect(items.map(({ seq, content }) => ({ seq, content }))).toEqual(
      held.map((entry) => ({ seq: entry.seq, content: 'content' in entry && entry.content })),
    )
    expect(client.conversation(id).state?.head).toBe(log.length)
  }
  await client.close()
}
