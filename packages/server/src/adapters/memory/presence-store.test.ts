import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { presenceStoreRules } from '../../presence/presence-store.contract.ts'
import { MemoryPresenceStore } from './presence-store.ts'

async function open() {
  const time = movedTime()
  const presence = new MemoryPresenceStore(time.clock)
  return { ...time, node: async () => ({ presence }), close: async () => {} }
}

describeContract('presence store in memory', presenceStoreRules, open, { runs: 2000, exact: true })
