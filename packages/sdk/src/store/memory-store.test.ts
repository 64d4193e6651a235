import { memoryStore } from './memory-store.ts'
import { storeContract } from './store.contract.ts'

storeContract('memory', async () => {
  const store = memoryStore()
  return { open: () => store, end: async () => {} }
})
