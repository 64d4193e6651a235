import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { pushQueueRules } from '../../notifications/push-queue.contract.ts'
import { registrationStoreRules } from '../../notifications/registration-store.contract.ts'
import { MemoryAccountStore } from './account-store.ts'
import { MemoryBlockStore } from './block-store.ts'
import { MemoryDeviceStore } from './device-store.ts'
import { MemoryPushQueue } from './push-queue.ts'
import { MemoryRegistrationStore } from './registration-store.ts'
import { MemoryUsers } from './users.ts'

const open = async () => {
  const { clock: _, ...time } = movedTime()
  const users = new MemoryUsers()
  const node = {
    accounts: new MemoryAccountStore(users),
    devices: new MemoryDeviceStore(users),
    blocks: new MemoryBlockStore(users),
    registrations: new MemoryRegistrationStore(users),
    pushes: new MemoryPushQueue(),
  }
  return { ...time, node: async () => node, close: async () => {} }
}

describeContract('registration store', registrationStoreRules, open, { runs: 20, exact: true })
describeContract('push queue', pushQueueRules, open, { runs: 20, exact: true })
