import { MemoryAccountStore } from '../../../server/src/adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../../../server/src/adapters/memory/block-store.ts'
import { MemoryConversationLog } from '../../../server/src/adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../../../server/src/adapters/memory/conversation-store.ts'
import { MemoryDeviceStore } from '../../../server/src/adapters/memory/device-store.ts'
import { MemoryMessageSearch } from '../../../server/src/adapters/memory/message-search.ts'
import { MemoryPresenceStore } from '../../../server/src/adapters/memory/presence-store.ts'
import { MemoryReceiptStore } from '../../../server/src/adapters/memory/receipt-store.ts'
import { MemoryRevocationLog } from '../../../server/src/adapters/memory/revocation-log.ts'
import { MemoryStores } from '../../../server/src/adapters/memory/stores.ts'
import { MemorySyncQueue } from '../../../server/src/adapters/memory/sync-queue.ts'
import { MemoryUsers } from '../../../server/src/adapters/memory/users.ts'
import type { Ports } from '../../../server/src/app/services.ts'
import type { Clock, Timer } from '../../../server/src/lib/clock.ts'

/** The ports that keep something. */
export type StoredPorts = Omit<Ports, 'limiter' | 'lease'>

/** The time at which a write was made, also when it is made again after a crash. */
class WriteTime implements Clock {
  at = 0

  now(): number {
    return this.at
  }

  monotonic(): number {
    return this.at
  }

  after(): Timer {
    throw new Error('A store in memory sets no timers.')
  }

  every(): Timer {
    return this.after()
  }

  soon(): void {
    this.after()
  }
}

/** All that a cluster has stored, behind its ports; every call is done when it returns. */
export class StoreSet {
  readonly time = new WriteTime()
  readonly stores = new MemoryStores()
  readonly users = new MemoryUsers(this.time)
  readonly ports: StoredPorts = {
    accounts: new MemoryAccountStore(this.users),
    devices: new MemoryDeviceStore(this.users),
    blocks: new MemoryBlockStore(this.users),
    revocations: new MemoryRevocationLog(this.users),
    log: new MemoryConversationLog(this.stores, this.time),
    queue: new MemorySyncQueue(this.stores, this.time),
    conversations: new MemoryConversationStore(this.stores, this.time),
    receipts: new MemoryReceiptStore(this.stores, this.time),
    presence: new MemoryPresenceStore(this.time),
    search: new MemoryMessageSearch(this.stores),
  }
}
