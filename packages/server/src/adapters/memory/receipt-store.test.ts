import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { receiptStoreRules } from '../../messages/receipt-store.contract.ts'
import { MemoryReceiptStore } from './receipt-store.ts'
import { MemoryStores } from './stores.ts'
import { MemorySyncQueue } from './sync-queue.ts'

async function open() {
  const stores = new MemoryStores()
  const { clock, ...time } = movedTime()
  const node = async () => ({
    queue: new MemorySyncQueue(stores, clock),
    receipts: new MemoryReceiptStore(stores, clock),
  })
  return { ...time, node, close: async () => {} }
}

describeContract('receipt store in memory', receiptStoreRules, open, { runs: 500, exact: true })
