import { accountStoreRules } from '../../accounts/account-store.contract.ts'
import { blockStoreRules } from '../../accounts/block-store.contract.ts'
import { deviceStoreRules } from '../../accounts/device-store.contract.ts'
import { revocationLogRules } from '../../accounts/revocation-log.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemoryAccountStore } from '../memory/account-store.ts'
import { MemoryBlockStore } from '../memory/block-store.ts'
import { MemoryDeviceStore } from '../memory/device-store.ts'
import { MemoryRevocationLog } from '../memory/revocation-log.ts'
import { MemoryUsers } from '../memory/users.ts'
import { Faults } from './faults.ts'
import { unsteady } from './unsteady.ts'

const rates = { turns: 3, refused: 0.08, lost: 0.08, late: 0.05, died: 0 }

/** Nodes over one store whose answers come late, or never. */
async function open() {
  const time = movedTime()
  const users = new MemoryUsers(time.clock)
  const node = async (seed = 0) => {
    const faults = new Faults(seededRandom(seed), systemClock, rates)
    return {
      accounts: unsteady(new MemoryAccountStore(users), faults, { late: ['create', 'createAll', 'erase'] }),
      devices: unsteady(new MemoryDeviceStore(users), faults, { late: ['seen'] }),
      blocks: unsteady(new MemoryBlockStore(users), faults),
      revocations: unsteady(new MemoryRevocationLog(users), faults),
    }
  }
  return { ...time, node, close: async () => {} }
}

const options = { runs: 100, exact: false }
describeContract('account store, unsteady', accountStoreRules, open, options)
describeContract('device store, unsteady', deviceStoreRules, open, options)
describeContract('block store, unsteady', blockStoreRules, open, options)
describeContract('revocation log, unsteady', revocationLogRules, open, options)
