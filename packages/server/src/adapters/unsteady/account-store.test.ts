import { accountStoreRules } from '../../accounts/account-store.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemoryAccountStore } from '../memory/account-store.ts'
import { Faults } from './faults.ts'
import { unsteady } from './unsteady.ts'

const rates = { turns: 3, refused: 0.08, lost: 0.08, late: 0.05, died: 0 }

/** Nodes over one store whose answers come late, or never. */
async function open() {
  const store = new MemoryAccountStore()
  const node = async (seed = 0) => ({
    accounts: unsteady(store, new Faults(seededRandom(seed), systemClock, rates), {
      late: ['create', 'seen', 'erase'],
    }),
  })
  return { ...movedTime(), node, close: async () => {} }
}

describeContract('account store, unsteady', accountStoreRules, open, { runs: 100, exact: false })
