import { secretStoreRules } from '../../cluster/secret-store.contract.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemorySecretStore } from './secret-store.ts'

async function open() {
  const secrets = new MemorySecretStore()
  return { ...movedTime(), node: async () => ({ secrets }), close: async () => {} }
}

describeContract('secret store in memory', secretStoreRules, open, { runs: 100, exact: true })
