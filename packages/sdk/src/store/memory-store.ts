import type { Store } from './store.ts'
import { Tables } from './tables.ts'

/** Keeps everything in memory: gone with the process, but for `store` itself given to another client. */
export function memoryStore(): Store {
  const tables = new Tables()
  return {
    load: async () => tables.state(),
    apply: async (batch) => tables.apply(batch),
    messages: async (conversation, range) => tables.messages(conversation, range),
    close: async () => {},
  }
}
