import { accountStoreRules } from '../../accounts/account-store.contract.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemoryAccountStore } from './account-store.ts'

async function open() {
  const accounts = new MemoryAccountStore()
  return { ...movedTime(), node: async () => ({ accounts }), close: async () => {} }
}

describeContract('account store in memory', accountStoreRules, open, { runs: 100, exact: true })
