import { describe, expect, it } from 'vitest'
import { conversationStoreRules } from '../../conversations/conversation-store.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { describeContract, isUnavailable, movedTime } from '../../lib/stores.contract.ts'
import { conversationLogRules } from '../../log/conversation-log.contract.ts'
import { messageSearchRules } from '../../messages/message-search.contract.ts'
import { receiptStoreRules } from '../../messages/receipt-store.contract.ts'
import { syncQueueRules } from '../../sync/sync-queue.contract.ts'
import { MemoryConversationLog } from '../memory/conversation-log.ts'
import { MemoryConversationStore } from '../memory/conversation-store.ts'
import { MemoryMessageSearch } from '../memory/message-search.ts'
import { MemoryReceiptStore } from '../memory/receipt-store.ts'
import { MemoryStores } from '../memory/stores.ts'
import { MemorySyncQueue } from '../memory/sync-queue.ts'
import { UnsteadyConversationLog } from './conversation-log.ts'
import { type FaultRates, Faults, steady } from './faults.ts'
import { LateRows } from './late-rows.ts'
import { LateSyncQueue, onLateQueue } from './late-sync-queue.ts'
import { unsteady } from './unsteady.ts'

const rates: FaultRates = { turns: 3, refused: 0.08, lost: 0.08, late: 0.05, died: 0.05 }
/** Clocks of nodes are this far apart at most. */
const skew = 400

async function open() {
  const stores = new MemoryStores()
  const { clock, ...time } = movedTime()
  const node = async (seed = 0) => {
    const random = seededRandom(seed)
    const faults = new Faults(random, systemClock, rates)
    const off = (random.float() - 0.5) * skew
    const own = { ...clock, now: () => Math.round(clock.now() + off) }
    return {
      log: new UnsteadyConversationLog(new MemoryConversationLog(stores, own), faults),
      queue: unsteady(new MemorySyncQueue(stores, own), faults, {
        pure: ['follows', 'compare', 'isPosition'],
        late: ['put'],
      }),
      conversations: unsteady(new MemoryConversationStore(stores, own), faults, {
        late: ['createDirect', 'saveReadMark', 'hide'],
      }),
      receipts: unsteady(new MemoryReceiptStore(stores, own), faults, { late: ['save'] }),
      search: unsteady(new MemoryMessageSearch(stores), faults),
    }
  }
  return { ...time, node, close: async () => {} }
}

/** W of the late queue, ms. */
const within = 60

async function openLate() {
  const rows = new LateRows()
  const stores = new MemoryStores()
  const { clock, ...time } = movedTime()
  const node = async (seed = 0) => {
    const random = seededRandom(seed)
    const faults = new Faults(random, systemClock, { ...rates, died: 0.01 })
    const off = (random.float() - 0.5) * (within / 2)
    const own = { ...clock, now: () => clock.now() + off }
    const queue = new LateSyncQueue(rows, { clock: own, random, within })
    const log = new UnsteadyConversationLog(onLateQueue(new MemoryConversationLog(stores, own), queue), faults)
    return { log, queue }
  }
  return { ...time, node, close: async () => {} }
}

const options = { runs: 100, exact: false }
describeContract('conversation log, unsteady', conversationLogRules, open, options)
describeContract('sync queue, unsteady', syncQueueRules, open, options)
describeContract('conversation log over a late queue', conversationLogRules, openLate, { runs: 10, exact: false })
describeContract('sync queue, late', syncQueueRules, openLate, { runs: 30, exact: false })
describeContract('conversation store, unsteady', conversationStoreRules, open, options)
describeContract('receipt store, unsteady', receiptStoreRules, open, options)
describeContract('message search, unsteady', messageSearchRules, open, options)

describe('faults', () => {
  const port = () => {
    const written: number[] = []
    return {
      written,
      async write(n: number) {
        written.push(n)
      },
    }
  }
  const outcomes = async (over: Partial<FaultRates>, late: boolean) => {
    const inner = port()
    const faults = new Faults(seededRandom(5), systemClock, { ...steady, ...over })
    const outer = unsteady(inner, faults, late ? { late: ['write'] } : {})
    const known: number[] = []
    for (let n = 0; n < 200; n++) {
      await outer.write(n).then(
        () => known.push(n),
        (error) => expect(isUnavailable(error)).toBe(true),
      )
    }
    for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => systemClock.soon(resolve))
    return { known: known.length, written: inner.written.length, order: inner.written }
  }

  it('refuse some calls, which are never applied', async () => {
    const { known, written } = await outcomes({ refused: 0.5 }, false)
    expect(known).toBeGreaterThan(50)
    expect(known).toBeLessThan(150)
    expect(written).toBe(known)
  })

  it('lose the answers of some calls, which were applied', async () => {
    const { known, written } = await outcomes({ lost: 0.5 }, false)
    expect(known).toBeLessThan(150)
    expect(written).toBe(200)
  })

  it('apply some calls after they were rejected, overtaken by later ones', async () => {
    const { known, written, order } = await outcomes({ late: 0.5, turns: 3 }, true)
    expect(known).toBeLessThan(150)
    expect(written).toBe(200)
    expect(order).not.toEqual([...order].sort((a, b) => a - b))
    expect((await outcomes({ late: 0.5 }, false)).known).toBe(200)
  })
})
