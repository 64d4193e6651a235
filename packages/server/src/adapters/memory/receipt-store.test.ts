import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { receiptStoreRules } from '../../messages/receipt-store.contract.ts'
import { MemoryReceiptStore } from './receipt-store.ts'
import { MemoryStores } from './stores.ts'

async function open() {
  const stores = new MemoryStores()
  return { ...movedTime(), node: async () => ({ receipts: new MemoryReceiptStore(stores) }), close: async () => {} }
}

describeContract('receipt store in memory', receiptStoreRules, open, { runs: 500, exact: true })
