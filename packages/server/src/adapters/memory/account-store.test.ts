import { accountStoreRules } from '../../accounts/account-store.contract.ts'
import { blockStoreRules } from '../../accounts/block-store.contract.ts'
import { deviceStoreRules } from '../../accounts/device-store.contract.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemoryAccountStore } from './account-store.ts'
import { MemoryBlockStore } from './block-store.ts'
import { MemoryDeviceStore } from './device-store.ts'
import { MemoryUsers } from './users.ts'

async function open() {
  const users = new MemoryUsers()
  const stores = {
    accounts: new MemoryAccountStore(users),
    devices: new MemoryDeviceStore(users),
    blocks: new MemoryBlockStore(users),
  }
  return { ...movedTime(), node: async () => stores, close: async () => {} }
}

const options = { runs: 100, exact: true }
describeContract('account store in memory', accountStoreRules, open, options)
describeContract('device store in memory', deviceStoreRules, open, options)
describeContract('block store in memory', blockStoreRules, open, options)
