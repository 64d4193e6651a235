import { expect, it } from 'vitest'
import { MemoryConversationLog } from '../adapters/memory/conversation-log.ts'
import { MemoryReceiptStore } from '../adapters/memory/receipt-store.ts'
import { MemoryStores } from '../adapters/memory/stores.ts'
import { MemorySyncQueue } from '../adapters/memory/sync-queue.ts'
import { Hub } from '../delivery/hub.ts'
import { LocalRouter } from '../delivery/router.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { Receipts } from './receipts.ts'

const conversation = 'team'
const sender = 'ann'

/** Receipts of a node that was just started. */
function start(stores: MemoryStores, clock: ManualClock): Receipts {
  return new Receipts({
    store: new MemoryReceiptStore(stores),
    log: new MemoryConversationLog(stores, clock),
    queue: new MemorySyncQueue(stores, clock),
    router: new LocalRouter(new Hub()),
    clock,
    logger: silentLogger,
    showsReads: async () => true,
    blocked: async () => false,
    shared: true,
  })
}

function told(stores: MemoryStores) {
  return stores.queue(sender).rows.map(({ pointer }) => {
    if (pointer.kind !== 'update') throw new Error('not an update')
    const { members } = JSON.parse(pointer.update) as { members: { user: string; delivered: number; read?: number }[] }
    return [members[0]!.delivered, members[0]!.read]
  })
}

it('I7: a slower device, or a restart, tells authors nothing older than they were told', async () => {
  const [stores, clock] = [new MemoryStores(), new ManualClock()]
  const first = start(stores, clock)
  first.delivered('bob', { conversation, seq: 9, sender })
  await first.flush()
  const second = start(stores, clock)
  second.delivered('bob', { conversation, seq: 4, sender })
  await second.flush()
  expect(told(stores)).toEqual([
    [9, undefined],
    [9, undefined],
  ])
})

it('I7: devices of a user on two nodes tell authors nothing older than the other did', async () => {
  const [stores, clock] = [new MemoryStores(), new ManualClock()]
  const [one, other] = [start(stores, clock), start(stores, clock)]
  for (const [node, seq] of [
    [one, 3],
    [other, 9],
    [one, 4],
  ] as const) {
    node.delivered('bob', { conversation, seq, sender })
    await node.flush()
  }
  expect(told(stores).map(([delivered]) => delivered)).toEqual([3, 9, 9])
})

it('Y7: what was read was delivered, also to a device that acknowledges later', async () => {
  const [stores, clock] = [new MemoryStores(), new ManualClock()]
  const entry = { conversation, id: '1', kind: 'message' as const, sender, device: 'd', at: 1, messages: 1, own: 1 }
  for (const seq of [1, 2, 3]) {
    stores.conversation(conversation, 1).entries.push({ ...entry, seq, clientMessageId: undefined, body: '{}' })
  }
  const receipts = start(stores, clock)
  await receipts.read('bob', conversation, 0, 3)
  await receipts.flush()
  receipts.delivered('bob', { conversation, seq: 2, sender })
  await receipts.flush()
  expect(told(stores)).toEqual([
    [3, 3],
    [3, undefined],
  ])
})
