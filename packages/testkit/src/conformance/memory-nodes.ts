import { MemoryAccountStore } from '../../../server/src/adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../../../server/src/adapters/memory/block-store.ts'
import { MemoryConversationLog } from '../../../server/src/adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../../../server/src/adapters/memory/conversation-store.ts'
import { MemoryCluster, MemoryCoordinator } from '../../../server/src/adapters/memory/coordinator.ts'
import { MemoryDeviceStore } from '../../../server/src/adapters/memory/device-store.ts'
import { MemoryMessageSearch } from '../../../server/src/adapters/memory/message-search.ts'
import { MemoryOperatorRecords } from '../../../server/src/adapters/memory/operator-records.ts'
import { MemoryPresenceStore } from '../../../server/src/adapters/memory/presence-store.ts'
import { MemoryPushQueue } from '../../../server/src/adapters/memory/push-queue.ts'
import { MemoryRateLimiter } from '../../../server/src/adapters/memory/rate-limiter.ts'
import { MemoryReceiptStore } from '../../../server/src/adapters/memory/receipt-store.ts'
import { MemoryRegistrationStore } from '../../../server/src/adapters/memory/registration-store.ts'
import { MemoryRevocationLog } from '../../../server/src/adapters/memory/revocation-log.ts'
import { MemorySessionRegistry } from '../../../server/src/adapters/memory/session-registry.ts'
import { MemoryStores } from '../../../server/src/adapters/memory/stores.ts'
import { MemorySyncQueue } from '../../../server/src/adapters/memory/sync-queue.ts'
import { MemoryUsers } from '../../../server/src/adapters/memory/users.ts'
import { LinkProof } from '../../../server/src/adapters/websocket/link-proof.ts'
import { WebSocketLinkTransport } from '../../../server/src/adapters/websocket/link-transport.ts'
import type { Settings } from '../../../server/src/app/options.ts'
import type { World as NodeParts, Platform } from '../../../server/src/app/platform.ts'
import { makeSecrets } from '../../../server/src/app/secrets.ts'
import { unlimited } from '../../../server/src/gateway/rate-limiter.ts'
import { systemClock } from '../../../server/src/lib/clock.ts'
import { systemRandom } from '../../../server/src/lib/random.ts'

/** Opens the nodes of one cluster: over the same stores in memory, linked by real sockets. */
export function memoryNodes(): (settings: Settings, parts: NodeParts) => Promise<Platform> {
  const clock = systemClock
  const stores = new MemoryStores()
  const users = new MemoryUsers(clock)
  const cluster = new MemoryCluster()
  const sessions = new MemorySessionRegistry(clock)
  const presence = new MemoryPresenceStore(clock)
  const limiter = new MemoryRateLimiter(clock)
  const operators = new MemoryOperatorRecords()
  const secrets = makeSecrets(systemRandom)
  const [registrations, pushes] = [new MemoryRegistrationStore(users), new MemoryPushQueue()]
  let count = 0
  return async (settings, { random }) => {
    const id = `n${count++}`
    const coordinator = new MemoryCoordinator(cluster)
    return {
      ports: {
        accounts: new MemoryAccountStore(users),
        devices: new MemoryDeviceStore(users),
        blocks: new MemoryBlockStore(users),
        revocations: new MemoryRevocationLog(users),
        registrations,
        pushes,
        operators,
        log: new MemoryConversationLog(stores, clock),
        queue: new MemorySyncQueue(stores, clock),
        conversations: new MemoryConversationStore(stores, clock),
        receipts: new MemoryReceiptStore(stores, clock),
        presence,
        search: new MemoryMessageSearch(stores),
        limiter: settings.rateLimits === 'on' ? limiter : unlimited,
        lease: await coordinator.lease(),
      },
      secrets,
      cluster: {
        id,
        coordinator,
        sessions,
        transport: new WebSocketLinkTransport(id, new LinkProof(secrets.linkKey, clock, random)),
      },
      storage: async () => ({}),
      announce: () => {},
      trouble: () => undefined,
      clockAhead: () => undefined,
      close: () => coordinator.close(),
    }
  }
}
