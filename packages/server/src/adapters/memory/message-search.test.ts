import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { messageSearchRules } from '../../messages/message-search.contract.ts'
import { MemoryMessageSearch } from './message-search.ts'
import { MemoryStores } from './stores.ts'

async function open() {
  const stores = new MemoryStores()
  return { ...movedTime(), node: async () => ({ search: new MemoryMessageSearch(stores) }), close: async () => {} }
}

describeContract('message search in memory', messageSearchRules, open, { runs: 100, exact: true })
