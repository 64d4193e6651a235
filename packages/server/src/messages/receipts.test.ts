import { describe, expect, it } from 'vitest'
import { MemoryConversationLog } from '../adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../adapters/memory/conversation-store.ts'
import { MemoryReceiptStore } from '../adapters/memory/receipt-store.ts'
import { MemoryStores } from '../adapters/memory/stores.ts'
import { Hub } from '../delivery/hub.ts'
import { LocalRouter } from '../delivery/router.ts'
import { unavailable } from '../lib/errors.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import type { ReceiptStore } from './receipt-store.ts'
import { Receipts } from './receipts.ts'
import { Untold } from './untold.ts'

const conversation = 'team'

/** What was stored before a node was started, and what it stores. */
function newWorld(senders: string[]) {
  const [stores, clock] = [new MemoryStores(), new ManualClock()]
  const entry = { conversation, kind: 'message' as const, device: 'd', at: 1, messages: 1, own: 1, body: '{}' }
  const { entries } = stores.conversation(conversation, 1)
  for (const [index, sender] of senders.entries()) {
    entries.push({ ...entry, sender, seq: index + 1, id: `${index + 1}`, clientMessageId: undefined })
  }
  const shows = { reads: true, joined: 1 }
  const store = new MemoryReceiptStore(stores, clock)

  /** Receipts of a node that was just started; one that is left alone has died. */
  function start(over: Partial<ReceiptStore> = {}): Receipts {
    const conversations = new MemoryConversationStore(stores, clock)
    const readers = {
      showsReads: async () => shows.reads,
      joinedSeq: async () => shows.joined,
      readMark: (user: string, id: string) => conversations.readMark(user, id),
    }
    return new Receipts({
      store: { ...bound(store), ...over },
      untold: new Untold(new MemoryConversationLog(stores, clock), readers, clock),
      router: new LocalRouter(new Hub()),
      clock,
      logger: silentLogger,
      blocked: async () => false,
    })
  }

  /** [delivered, read] of what an author was told. */
  const told = (author: string) =>
    stores.queue(author).rows.map(({ pointer }) => {
      if (pointer.kind !== 'update') throw new Error('not an update')
      const { members } = JSON.parse(pointer.update) as { members: { delivered: number; read?: number }[] }
      return [members[0]!.delivered, members[0]!.read]
    })

  const acked = (receipts: Receipts, seq: number): void =>
    receipts.delivered('bob', { conversation, seq, sender: senders[seq - 1]! })
  const marked = (read: number): void => stores.advanceMark('bob', conversation, { read, messages: read, own: 0 })
  return { stores, clock, store, shows, start, told, acked, marked }
}

const bound = (store: MemoryReceiptStore): ReceiptStore => ({
  save: (...args) => store.save(...args),
  latest: (id) => store.latest(id),
  firstCovering: (...args) => store.firstCovering(...args),
  covering: (...args) => store.covering(...args),
})

const anns = (count: number): string[] => Array.from({ length: count }, () => 'ann')

it('I7: a slower device, or a restart, tells authors nothing older than they were told', async () => {
  const world = newWorld(anns(9))
  const first = world.start()
  world.acked(first, 9)
  await first.flush()
  const second = world.start()
  world.acked(second, 4)
  await second.flush()
  expect(world.told('ann')).toEqual([
    [9, undefined],
    [9, undefined],
  ])
})

it('I7: a node that does not know what another stored takes nothing back', async () => {
  const world = newWorld(anns(9))
  const [one, other] = [world.start(), world.start()]
  let reads = 0
  const latest = (id: string) => {
    reads++
    return world.store.latest(id)
  }
  const third = world.start({ latest })
  for (const [node, seq] of [
    [one, 3],
    [other, 9],
    [one, 4],
    [third, 5],
    [third, 6],
  ] as const) {
    world.acked(node, seq)
    await node.flush()
    await world.clock.advance(1000)
  }
  const [stored] = await world.store.latest(conversation)
  expect(stored).toMatchObject({ kind: 'delivered', upTo: 9 })
  const [first] = await world.store.firstCovering(conversation, 4)
  expect(first, 'message 4 was delivered when 9 was').toMatchObject({ upTo: 9 })
  expect(reads, 'W9: what is stored is read once, not for each receipt').toBe(1)
})

it('Y7: what was read was delivered, also to a device that acknowledges later', async () => {
  const world = newWorld(anns(3))
  const receipts = world.start()
  receipts.read('bob', conversation, 3)
  await receipts.flush()
  world.acked(receipts, 2)
  await receipts.flush()
  expect(world.told('ann')).toEqual([
    [3, 3],
    [3, undefined],
  ])
})

it('Y7: a read is told once, to those who wrote what was read', async () => {
  const world = newWorld(['ann', 'eve', 'bob', 'ann'])
  const receipts = world.start()
  receipts.read('bob', conversation, 2)
  await receipts.flush()
  receipts.read('bob', conversation, 4)
  receipts.read('bob', conversation, 2)
  await receipts.flush()
  receipts.read('bob', conversation, 4)
  await receipts.flush()
  expect(world.told('ann')).toEqual([
    [2, 2],
    [4, 4],
  ])
  expect(world.told('eve')).toEqual([[2, 2]])
  expect(world.told('bob')).toEqual([])
})

describe('Y7: a read that a crash took the receipt of', () => {
  /** Bob read up to 2; the node died before it told anybody. */
  function afterCrash(senders: string[]) {
    const world = newWorld(senders)
    world.marked(2)
    world.start().read('bob', conversation, 2)
    return world
  }

  it('is told when it is tried again', async () => {
    const world = afterCrash(['ann', 'eve'])
    const receipts = world.start()
    receipts.read('bob', conversation, 2)
    await receipts.flush()
    expect([world.told('ann'), world.told('eve')]).toEqual([[[2, 2]], [[2, 2]]])
  })

  it('is told with the next read, also to authors of what was read before', async () => {
    const world = afterCrash(['ann', 'ann', 'eve'])
    const receipts = world.start()
    world.marked(3)
    receipts.read('bob', conversation, 3)
    await receipts.flush()
    expect([world.told('ann'), world.told('eve')]).toEqual([[[3, 3]], [[3, 3]]])
  })

  it('is told when a device acknowledges something in the conversation', async () => {
    const world = afterCrash(['ann', 'ann', 'eve'])
    const receipts = world.start()
    world.acked(receipts, 3)
    await receipts.flush()
    expect([world.told('ann'), world.told('eve')]).toEqual([[[3, 2]], [[3, 2]]])
  })

  it('is told when the reader connects and asks for the inbox, once', async () => {
    const world = afterCrash(['ann', 'ann', 'eve'])
    const receipts = world.start()
    for (let n = 0; n < 3; n++) {
      receipts.noticed('bob', conversation, 2)
      await world.clock.advance(100)
    }
    expect([world.told('ann'), world.told('eve')]).toEqual([[[2, 2]], []])
  })

  it('is not told when the reader shows no reads, or did not read what they joined after', async () => {
    const hidden = afterCrash(anns(3))
    hidden.shows.reads = false
    const joined = afterCrash(anns(3))
    joined.shows.joined = 3
    for (const world of [hidden, joined]) {
      const receipts = world.start()
      receipts.noticed('bob', conversation, 2)
      await world.clock.advance(100)
      world.acked(receipts, 3)
      await receipts.flush()
      expect(world.told('ann')).toEqual([[3, undefined]])
    }
  })

  it('of many, some are looked into at a time, and all in the end', async () => {
    const world = newWorld([])
    let looks = 0
    const latest: ReceiptStore['latest'] = async () => {
      looks++
      return []
    }
    const receipts = world.start({ latest })
    for (let n = 0; n < 1000; n++) receipts.noticed('bob', `c${n}`, 2)
    await world.clock.advance(1000)
    expect(looks).toBeGreaterThan(100)
    expect(looks).toBeLessThanOrEqual(200)
    await world.clock.advance(10_000)
    expect(looks).toBe(1000)
  })
})

it('Y7: an acknowledgement that a crash took is made up for by the next one, for each author', async () => {
  const world = newWorld(['ann', 'ann', 'eve'])
  world.acked(world.start(), 2)
  const receipts = world.start()
  world.acked(receipts, 3)
  await receipts.flush()
  expect([world.told('ann'), world.told('eve')]).toEqual([[[3, undefined]], [[3, undefined]]])
})

it('a store that is away for a while loses no receipt, and one that answers late tells nothing twice', async () => {
  const world = newWorld(['ann', 'eve', 'ann'])
  let tries = 0
  const receipts = world.start({
    save: async (...args) => {
      tries++
      if (tries === 1) throw unavailable('away')
      if (tries === 2) await world.store.save(...args)
      if (tries === 2) throw unavailable('done, and the answer was lost')
      return world.store.save(...args)
    },
  })
  receipts.read('bob', conversation, 1)
  await receipts.flush()
  world.acked(receipts, 2)
  await receipts.flush()
  receipts.read('bob', conversation, 3)
  await receipts.flush()
  expect(world.told('eve')).toEqual([
    [2, 1],
    [3, 3],
  ])
  expect(world.told('ann').at(-1)).toEqual([3, 3])
  expect(await world.store.latest(conversation)).toMatchObject([{ upTo: 3 }, { upTo: 3 }])
})
