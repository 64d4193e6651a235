import type { Message } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { me, other } from '../testing/people.ts'
import { liveClient, newWorld, type World } from '../testing/sim-client.ts'

function listen(client: Client): { seqs: number[]; messages: Message[] } {
  const heard = { seqs: [] as number[], messages: [] as Message[] }
  client.on('message', (message) => {
    heard.seqs.push(message.seq)
    heard.messages.push(message)
  })
  return heard
}

const headOf = (client: Client, id = 'c1'): number => client.conversation(id).state?.head ?? 0
const stored = async (client: Client, id = 'c1'): Promise<number[]> =>
  (await client.conversation(id).messages({ limit: 200, local: true })).items.map(({ seq }) => seq)
const entryCalls = (world: World): number => world.server.calls.filter(({ path }) => path.endsWith('/entries')).length

async function say(world: World, count: number, id = 'c1'): Promise<void> {
  for (let n = 0; n < count; n++) world.server.say(id, `text ${n}`)
  await world.clock.advance(100)
}

describe('sync', () => {
  it('a device without a cursor reads the inbox after welcome, then keeps the cursor (rule Y1)', async () => {
    const world = await newWorld()
    await say(world, 3)
    world.server.read = { c1: 1 }
    const client = await world.start()
    const heard = listen(client)
    client.connect()
    await world.clock.until('live', () => client.state.status === 'live')
    expect(client.conversations()).toMatchObject([{ id: 'c1', head: 3, read: 1, unread: 2, lastMessage: { seq: 3 } }])
    // What was said before is not news.
    expect(heard.seqs).toEqual([])
    expect((await world.store.load()).cursor).toBe('3')
    await say(world, 1)
    expect(heard.seqs).toEqual([4])
    await client.close()
  })

  it('what comes while the inbox is read waits for it, and the cursor is not kept before that is done (rule Y1)', async () => {
    const world = await newWorld()
    await say(world, 1)
    const client = await world.start()
    const cursors: unknown[] = []
    world.server.answer = (call) => {
      if (call.path === '/v1/conversations' && cursors.length === 0) {
        world.server.say('c1', 'meanwhile')
        void world.store.load().then(({ cursor }) => cursors.push(cursor))
      }
      return world.server.route(call)
    }
    client.connect()
    await world.clock.until('live', () => client.state.status === 'live')
    expect(cursors).toEqual([undefined])
    expect(headOf(client)).toBe(2)
    await world.clock.advance(100)
    expect((await world.store.load()).cursor).toBe('2')
    await client.close()
  })

  it('resumes behind its cursor and applies what comes twice once (rule Y2)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const first = await liveClient(world)
    await say(world, 3)
    await first.close()
    await say(world, 2)
    // As if the last acknowledgement and the store's last step had been lost.
    await world.store.apply({ cursor: '1' })
    const second = await world.start()
    const heard = listen(second)
    second.connect()
    await world.clock.until('live', () => second.state.status === 'live')
    expect(heard.seqs).toEqual([4, 5])
    expect(await stored(second)).toEqual([1, 2, 3, 4, 5])
    expect(second.conversation('c1').state?.unread).toBe(5)
    await second.close()
  })

  it('keeps the place where it was live, behind rows that had nothing for it (rules Y1, Y4)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const first = await liveClient(world)
    await say(world, 1)
    await first.close()
    for (let n = 0; n < 3; n++) world.server.skip()
    const second = await liveClient(world)
    expect((await world.store.load()).cursor).toBe('4')
    await second.close()
    // What is older than the place is not kept for ever; the device has seen all of it.
    world.server.floor = 4
    const third = await world.start()
    const resets: string[] = []
    third.on('reset', ({ reason }) => resets.push(reason))
    third.connect()
    await world.clock.until('live', () => third.state.status === 'live')
    expect(resets).toEqual([])
    await third.close()
  })

  it('keeps no place before everything ahead of it is applied (rule Y1)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const first = await liveClient(world)
    await first.close()
    await say(world, 2)
    world.server.skip()
    const second = await world.start()
    world.server.answer = (call) => {
      if (call.path.endsWith('/entries')) throw new TypeError('fetch failed')
      return world.server.route(call)
    }
    // Its first row is missing, and what is to fill the hole cannot be read.
    world.server.queue[0] = { update: undefined, origin: undefined }
    second.connect()
    await world.clock.advance(2000)
    expect((await world.store.load()).cursor).not.toBe('3')
    expect(second.state.status).toBe('catching-up')
    world.server.answer = (call) => world.server.route(call)
    await world.clock.until('live', () => second.state.status === 'live')
    expect((await world.store.load()).cursor).toBe('3')
    expect(await stored(second)).toEqual([1, 2])
    await second.close()
  })

  it('fills a hole from the entries before it applies what is behind it (rule Y8)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const heard = listen(client)
    await say(world, 1)
    // Two entries that the queue forgot.
    for (const seq of [2, 3])
      world.server.log('c1').push({ ...world.server.say('hidden', 'x'), conversation: 'c1', seq })
    await say(world, 1)
    await world.clock.advance(100)
    expect(heard.messages.filter(({ conversation }) => conversation === 'c1').map(({ seq }) => seq)).toEqual([
      1, 2, 3, 4,
    ])
    expect(entryCalls(world)).toBe(1)
    expect(client.conversation('c1').state?.unread).toBe(4)
    await client.close()
  })

  it('compares heads after a resume, and reads what no event will bring (rule Y8)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const first = await liveClient(world)
    await say(world, 2)
    await first.close()
    world.server.log('c1').push({ ...world.server.say('hidden', 'x'), conversation: 'c1', seq: 3 })
    const second = await liveClient(world)
    await world.clock.until('the missing one is here', () => headOf(second) === 3)
    expect(await stored(second)).toEqual([1, 2, 3])
    await second.close()
  })

  it('drops what is stored at a reset, keeps the outbox, and starts anew (rule Y4)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const first = await liveClient(world)
    await say(world, 2)
    await first.close()
    await say(world, 1)
    const second = await world.start()
    const resets: string[] = []
    second.on('reset', ({ reason }) => resets.push(reason))
    void second.conversation('c1').send('kept')
    world.server.floor = 1000
    second.connect()
    await world.clock.until(
      'the outbox is empty',
      () => second.state.status === 'live' && second.conversation('c1').pending().length === 0,
    )
    expect(resets).toEqual(['reset'])
    // Before 3 nothing is stored: it is read from the history when it is asked for.
    expect(await stored(second)).toEqual([3, 4])
    const page = second.conversation('c1').messages({ limit: 10 })
    await world.clock.advance(10)
    expect((await page).items.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    expect(second.conversation('c1').state).toMatchObject({ head: 4, unread: 3 })
    await second.close()
  })

  it('acknowledges what is stored, cumulatively and gathered', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const session = world.server.sessions[0]!
    for (let n = 0; n < 100; n++) world.server.say('c1', 'x')
    await world.clock.advance(1000)
    expect(session.acks.at(-1)).toBe('100')
    expect(session.acks.length).toBeLessThanOrEqual(5)
    expect(session.acks.map(Number)).toEqual(session.acks.map(Number).toSorted((a, b) => a - b))
    await client.close()
  })

  it('acknowledges nothing that the store refused, and comes back to it', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const { apply } = world.store
    const client = await liveClient(world)
    client.on('error', () => {})
    world.store.apply = async (batch) => {
      if (batch.messages) throw new Error('The disk is full.')
      return apply(batch)
    }
    await say(world, 3)
    expect(world.server.sessions.flatMap(({ acks }) => acks)).toEqual([])
    expect(headOf(client)).toBe(0)
    world.store.apply = apply
    await world.clock.until('it is applied after all', () => headOf(client) === 3)
    expect(await stored(client)).toEqual([1, 2, 3])
    await client.close()
  })

  it('takes its own message from the ok, at its place before what is still to come (rule D7)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const heard = listen(client)
    // Theirs is stored before mine, and takes longer to come.
    world.server.lag = () => 8
    world.server.say('c1', 'theirs')
    world.server.lag = () => 0
    const { seq } = await Promise.all([client.conversation('c1').send('mine'), world.clock.advance(20)]).then(
      ([sent]) => sent,
    )
    expect(seq).toBe(2)
    await world.clock.advance(100)
    expect(heard.seqs).toEqual([2, 1])
    expect(await stored(client)).toEqual([1, 2])
    expect(heard.messages.find((message) => message.seq === 2)).toMatchObject({ sender: me, content: { text: 'mine' } })
    expect(client.conversation('c1').state).toMatchObject({ head: 2, unread: 1 })
    expect(entryCalls(world)).toBe(0)
    // The own one was put ahead of its turn; nothing is a hole for it.
    await say(world, 1)
    expect(await stored(client)).toEqual([1, 2, 3])
    expect(entryCalls(world)).toBe(0)
    await client.close()
  })

  it('applies its own message once when it comes as an event, too (rule D7)', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const heard = listen(client)
    world.server.lag = () => 10
    world.server.say('c1', 'theirs')
    void client.conversation('c1').send('mine')
    await world.clock.advance(5)
    expect(heard.seqs).toEqual([2])
    world.server.sessions.at(-1)?.end(1006)
    await world.clock.until(
      'back',
      () => client.state.status === 'live' && headOf(client) === 2 && heard.seqs.length > 1,
    )
    await world.clock.advance(100)
    expect(heard.seqs).toEqual([2, 1])
    expect(await stored(client)).toEqual([1, 2])
    await say(world, 1)
    expect(await stored(client)).toEqual([1, 2, 3])
    await client.close()
  })

  it('folds edits, deletions and reactions of its own at the time of their entry', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const chat = client.conversation('c1')
    void chat.send('one')
    await world.clock.advance(5000)
    void chat.edit(1, 'two')
    void chat.edit(1, 'three')
    void chat.react(1, '👍')
    await world.clock.advance(50)
    const edits = world.server.log('c1').flatMap((entry) => (entry.kind === 'edit' ? [entry] : []))
    expect(edits.map(({ content }) => content)).toEqual([{ text: 'two' }, { text: 'three' }])
    expect((await chat.messages()).items).toMatchObject([
      { content: { text: 'three' }, editedAt: edits[1]?.at, reactions: { '👍': [me] } },
    ])
    void chat.delete(1, 'me')
    await world.clock.advance(50)
    expect((await chat.messages()).items).toEqual([])
    expect(chat.state?.lastMessage).toBeUndefined()
    await client.close()
  })

  it('the last of two edits wins, also when the first is refused for a moment', async () => {
    const world = await newWorld()
    world.server.log('c1')
    const client = await liveClient(world)
    const chat = client.conversation('c1')
    void chat.send('one')
    await world.clock.advance(50)
    let refusals = 0
    world.server.fault = (frame) => (frame.t === 'edit' && refusals++ === 0 ? 'refused' : 'none')
    void chat.edit(1, 'two')
    void chat.edit(1, 'three')
    await world.clock.advance(5000)
    expect((await chat.messages()).items).toMatchObject([{ content: { text: 'three' } }])
    expect(world.server.log('c1').flatMap((entry) => (entry.kind === 'edit' ? [entry.content] : []))).toEqual([
      { text: 'two' },
      { text: 'three' },
    ])
    await client.close()
  })

  it('knows a conversation that begins with an event, and then who it is with', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    await say(world, 1, 'new')
    expect(client.conversations()).toMatchObject([{ id: 'new', kind: 'direct', head: 1, unread: 1 }])
    await world.clock.until('details', () => client.conversation('new').state?.peer !== undefined)
    expect(client.conversation('new').state?.peer).toMatchObject({ id: other, username: other })
    await client.close()
  })

  it('takes a conversation that it has no beginning of from the inbox', async () => {
    const world = await newWorld()
    const client = await liveClient(world)
    world.server.log('old').push({ ...world.server.say('x', 'x'), conversation: 'old', seq: 1 })
    await say(world, 1, 'old')
    await world.clock.until('known', () => headOf(client, 'old') === 2)
    expect(client.conversation('old').state).toMatchObject({ unread: 2, lastMessage: { seq: 2 } })
    await client.close()
  })
})
