import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { syncQueueRules } from '../../sync/sync-queue.contract.ts'
import { MemoryStores } from './stores.ts'
import { MemorySyncQueue } from './sync-queue.ts'

async function open() {
  const stores = new MemoryStores()
  const { clock, ...time } = movedTime()
  return { ...time, node: async () => ({ queue: new MemorySyncQueue(stores, clock) }), close: async () => {} }
}

describeContract('sync queue in memory', syncQueueRules, open, { runs: 200, exact: true })
