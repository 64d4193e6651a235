import { accountStoreRules } from '../../accounts/account-store.contract.ts'
import { blockStoreRules } from '../../accounts/block-store.contract.ts'
import { deviceStoreRules } from '../../accounts/device-store.contract.ts'
import { revocationLogRules } from '../../accounts/revocation-log.contract.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemoryAccountStore } from './account-store.ts'
import { MemoryBlockStore } from './block-store.ts'
import { MemoryDeviceStore } from './device-store.ts'
import { MemoryRevocationLog } from './revocation-log.ts'
import { MemoryUsers } from './users.ts'

async function open() {
  const time = movedTime()
  const users = new MemoryUsers(time.clock)
  const stores = {
    accounts: new MemoryAccountStore(users),
    devices: new MemoryDeviceStore(users),
    blocks: new MemoryBlockStore(users),
    revocations: new MemoryRevocationLog(users),
  }
  return { ...time, node: async () => stores, close: async () => {} }
}

const options = { runs: 100, exact: true }
describeContract('account store in memory', accountStoreRules, open, options)
describeContract('device store in memory', deviceStoreRules, open, options)
describeContract('block store in memory', blockStoreRules, open, options)
describeContract('revocation log in memory', revocationLogRules, open, options)
