import { describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { liveClient, newWorld, type World } from '../testing/sim-client.ts'

const c1 = { conversation: 'c1' }

async function withMessages(count: number): Promise<{ world: World; client: Client }> {
  const world = await newWorld()
  const client = await liveClient(world)
  for (let n = 1; n <= count; n++) world.server.say('c1', `text ${n}`)
  await world.clock.advance(50)
  return { world, client }
}
const seqsHere = async (client: Client) =>
  (await client.conversation('c1').messages({ local: true })).items.map(({ seq }) => seq)
const starsHere = async (client: Client) =>
  (await client.starred({ local: true })).items.map(({ seq, starredAt }) => [seq, starredAt])

describe('stars', () => {
  it('F1: the newest update of a star wins, however often and late others come', async () => {
    const { world, client } = await withMessages(3)
    const told: unknown[] = []
    client.on('update', ({ seq, message }) => told.push([seq, message?.starredAt]))
    const star = (target: number, starred: boolean, at: number) =>
      world.server.enqueue({ kind: 'star', ...c1, target, starred, at })
    star(2, true, 100)
    star(3, true, 150)
    star(2, false, 200)
    star(2, true, 100)
    await world.clock.advance(50)
    expect(await starsHere(client)).toEqual([[3, 150]])
    expect(told).toEqual([
      [2, 100],
      [3, 150],
      [2, undefined],
      [2, undefined],
    ])
    star(2, true, 300)
    await world.clock.advance(50)
    expect(await starsHere(client)).toEqual([
      [2, 300],
      [3, 150],
    ])
    await client.close()
  })

  it('F1: a star that comes before its message is there when the message is', async () => {
    const { world, client } = await withMessages(1)
    world.server.enqueue({ kind: 'star', ...c1, target: 2, starred: true, at: 100 })
    world.server.say('c1', 'late')
    await world.clock.advance(50)
    expect(await starsHere(client)).toEqual([[2, 100]])
    await client.close()
  })

  it('F3: what was deleted or hidden is not among them', async () => {
    const { world, client } = await withMessages(3)
    for (const target of [1, 2, 3]) world.server.enqueue({ kind: 'star', ...c1, target, starred: true, at: target })
    world.server.hide('c1', 1)
    world.server.append({ kind: 'delete', ...c1, seq: 4, target: 2, by: 'o', at: 9 })
    await world.clock.advance(50)
    expect(await starsHere(client)).toEqual([[3, 3]])
    await client.close()
  })
})

describe('pins', () => {
  it('F4, F5: are folded from entries, and a deletion takes one away', async () => {
    const { world, client } = await withMessages(3)
    const { server } = world
    const pins = () => client.conversation('c1').state?.pins
    server.append({ kind: 'conversation', ...c1, seq: 4, pins: [1, 3], by: 'o', at: 5 })
    await world.clock.advance(50)
    expect(pins()).toEqual([1, 3])
    expect((await client.conversation('c1').pinned()).map(({ seq }) => seq)).toEqual([1, 3])
    server.append({ kind: 'delete', ...c1, seq: 5, target: 1, by: 'o', at: 6 })
    await world.clock.advance(50)
    expect(pins()).toEqual([3])
    server.append({ kind: 'conversation', ...c1, seq: 6, pins: [], by: 'o', at: 7 })
    await world.clock.advance(50)
    expect(pins()).toBeUndefined()
    await client.close()
  })
})

describe('clearing', () => {
  it('F6: what is cleared is gone from the store, for good; what comes of it later is not shown', async () => {
    const { world, client } = await withMessages(4)
    const told: unknown[] = []
    client.on('cleared', ({ upTo }) => told.push(upTo))
    const { server } = world
    server.enqueue({ kind: 'cleared', ...c1, upTo: 3, at: 1 })
    server.enqueue({ kind: 'cleared', ...c1, upTo: 2, at: 2 })
    await world.clock.advance(50)
    expect(await seqsHere(client)).toEqual([4])
    const all = { from: 0, before: 99, limit: 99 }
    expect((await world.store.messages('c1', all)).map(({ seq }) => seq)).toEqual([4])
    expect(client.conversation('c1').state).toMatchObject({ cleared: 3, lastMessage: { seq: 4 } })
    server.enqueue({ kind: 'cleared', ...c1, upTo: 6, at: 3 })
    await world.clock.advance(50)
    expect(client.conversation('c1').state).not.toHaveProperty('lastMessage')
    const heard: number[] = []
    client.on('message', ({ seq }) => heard.push(seq))
    for (const words of ['five', 'six', 'seven']) server.say('c1', words)
    await world.clock.advance(50)
    expect(heard).toEqual([7])
    expect(await seqsHere(client)).toEqual([7])
    expect(client.conversation('c1').state).toMatchObject({ head: 7, lastMessage: { seq: 7 } })
    expect(told).toEqual([3, 6])
    await client.close()
  })

  it('F6: a page that was asked for before brings nothing back', async () => {
    const world = await newWorld()
    for (let n = 1; n <= 30; n++) world.server.say('c1', `text ${n}`)
    const client = await liveClient(world)
    world.server.pageTime = 100
    const list = client.conversation('c1').messages({ limit: 20 })
    await world.clock.advance(20)
    world.server.enqueue({ kind: 'cleared', ...c1, upTo: 28, at: 1 })
    await world.clock.advance(500)
    await list
    expect(await seqsHere(client)).toEqual([29, 30])
    await client.close()
  })

  it('F8: what I removed is in no list until something is said in it', async () => {
    const { world, client } = await withMessages(2)
    world.server.set('c1', { removed: 2 })
    await world.clock.advance(50)
    expect(client.conversations()).toEqual([])
    expect(client.conversations({ removed: true })).toHaveLength(1)
    world.server.say('c1', 'I am back')
    await world.clock.advance(50)
    expect(client.conversations()).toHaveLength(1)
    await client.close()
  })
})
