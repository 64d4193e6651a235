import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { me, other } from '../testing/people.ts'
import { liveClient, newWorld, type World } from '../testing/sim-client.ts'
import type { MessageList, MessagesQuery } from './history.ts'

async function page(world: World, client: Client, query: MessagesQuery = {}): Promise<MessageList> {
  const list = client.conversation('c1').messages(query)
  await world.clock.advance(50)
  return list
}
const seqs = ({ items }: MessageList): number[] => items.map(({ seq }) => seq)
const from = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n)
const pages = (world: World): number =>
  world.server.calls.filter(({ path, method }) => method === 'GET' && path.endsWith('/messages')).length

async function withMessages(count: number): Promise<{ world: World; client: Client }> {
  const world = await newWorld()
  for (let n = 0; n < count; n++) world.server.say('c1', `text ${n}`)
  return { world, client: await liveClient(world) }
}

describe('messages of a conversation', () => {
  it('are read from the server once, page by page, and from the store after that', async () => {
    const { world, client } = await withMessages(120)
    expect(seqs(await page(world, client, { limit: 50 }))).toEqual(from(71, 120))
    expect(seqs(await page(world, client, { before: 71, limit: 50 }))).toEqual(from(21, 70))
    expect(await page(world, client, { before: 21, limit: 50 })).toMatchObject({ more: false })
    const asked = pages(world)
    expect(seqs(await page(world, client, { limit: 200 }))).toEqual(from(1, 120))
    expect(pages(world)).toBe(asked)
    await client.close()
  })

  it('come from the store while the server is away, with word that there are more', async () => {
    const { world, client } = await withMessages(120)
    await page(world, client, { limit: 50 })
    world.server.down = true
    const list = await page(world, client, { limit: 100 })
    expect(seqs(list).at(-1)).toBe(120)
    expect(list.more).toBe(true)
    await client.close()
  })

  it('join what came as events without a gap or a repeat', async () => {
    const { world, client } = await withMessages(10)
    for (let n = 0; n < 5; n++) world.server.say('c1', 'new')
    await world.clock.advance(50)
    expect(seqs(await page(world, client, { limit: 8 }))).toEqual(from(8, 15))
    expect(seqs(await page(world, client, { limit: 100 }))).toEqual(from(1, 15))
    await client.close()
  })

  it('keep what amended them while their page was under way', async () => {
    const { world, client } = await withMessages(10)
    const { server } = world
    server.answer = (call) => {
      const answer = server.route(call)
      if (call.path.endsWith('/messages')) {
        // After the page was made, before it arrives.
        server.append({ kind: 'reaction', conversation: 'c1', seq: 11, target: 3, user: other, emoji: '👍', at: 1 })
        server.append({ kind: 'delete', conversation: 'c1', seq: 12, target: 4, by: other, at: 1 })
        server.enqueue({ kind: 'hidden', conversation: 'c1', target: 5 })
        server.answer = server.route.bind(server)
      }
      return answer
    }
    server.pageTime = 20
    const list = await page(world, client, { limit: 100 })
    await world.clock.advance(50)
    const after = await page(world, client, { limit: 100 })
    expect(after.items.find(({ seq }) => seq === 3)?.reactions).toEqual({ '👍': [other] })
    expect(after.items.find(({ seq }) => seq === 4)?.deletedAt).toBe(1)
    expect(seqs(after)).toEqual(from(1, 10).filter((seq) => seq !== 5))
    expect(list.items.length).toBeGreaterThan(0)
    await client.close()
  })

  it('leave out hidden ones and still fill the page', async () => {
    const { world, client } = await withMessages(0)
    for (let n = 0; n < 20; n++) world.server.say('c1', 'x')
    for (const target of [12, 13, 14]) world.server.enqueue({ kind: 'hidden', conversation: 'c1', target })
    await world.clock.advance(50)
    expect(seqs(await page(world, client, { limit: 10 }))).toEqual([8, 9, 10, 11, 15, 16, 17, 18, 19, 20])
    await client.close()
  })

  it('of mine get the time at which all had them, and had seen them', async () => {
    const { world, client } = await withMessages(0)
    world.server.log('c1')
    void client.conversation('c1').send('one')
    await world.clock.advance(50)
    void client.conversation('c1').send('two')
    await world.clock.advance(50)
    const receipts = (member: object): void => {
      world.server.enqueue({ kind: 'receipts', conversation: 'c1', members: [{ user: other, ...member }] })
    }
    const told: unknown[] = []
    client.on('receipts', (receipt) => told.push(receipt))
    receipts({ delivered: 1, deliveredAt: 100 })
    receipts({ delivered: 2, deliveredAt: 200 })
    receipts({ delivered: 1, deliveredAt: 300 })
    receipts({ delivered: 2, deliveredAt: 200, read: 1, seenAt: 400 })
    await world.clock.advance(50)
    expect((await page(world, client)).items).toMatchObject([
      { sender: me, deliveredAt: 100, seenAt: 400 },
      { sender: me, deliveredAt: 200 },
    ])
    expect((await page(world, client)).items[1]?.seenAt).toBeUndefined()
    expect(told).toEqual([
      { conversation: 'c1', user: other, delivered: 1, read: 0 },
      { conversation: 'c1', user: other, delivered: 2, read: 0 },
      { conversation: 'c1', user: other, delivered: 2, read: 1 },
    ])
    await client.close()
  })
})
