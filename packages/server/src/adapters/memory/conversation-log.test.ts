import { systemClock } from '../../lib/clock.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { conversationLogRules } from '../../log/conversation-log.contract.ts'
import { MemoryConversationLog } from './conversation-log.ts'
import { MemoryStores } from './stores.ts'
import { MemorySyncQueue } from './sync-queue.ts'

async function open() {
  const stores = new MemoryStores()
  const node = async () => ({
    log: new MemoryConversationLog(stores, systemClock),
    queue: new MemorySyncQueue(stores, systemClock),
  })
  return { ...realTime, node, close: async () => {} }
}

describeContract('conversation log in memory', conversationLogRules, open, { runs: 200, exact: true })
