import { conversationStoreRules } from '../../conversations/conversation-store.contract.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemoryConversationLog } from './conversation-log.ts'
import { MemoryConversationStore } from './conversation-store.ts'
import { MemoryStores } from './stores.ts'
import { MemorySyncQueue } from './sync-queue.ts'

async function open() {
  const stores = new MemoryStores()
  const { clock, ...time } = movedTime()
  const node = async () => ({
    log: new MemoryConversationLog(stores, clock),
    queue: new MemorySyncQueue(stores, clock),
    conversations: new MemoryConversationStore(stores, clock),
  })
  return { ...time, node, close: async () => {} }
}

describeContract('conversation store in memory', conversationStoreRules, open, { runs: 200, exact: true })
