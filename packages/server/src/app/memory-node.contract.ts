import { plainHasher } from '../accounts/service.contract.ts'
import { MemoryAccountStore } from '../adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../adapters/memory/block-store.ts'
import { MemoryConversationLog } from '../adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../adapters/memory/conversation-store.ts'
import { MemoryCoordinator } from '../adapters/memory/coordinator.ts'
import { MemoryDeviceStore } from '../adapters/memory/device-store.ts'
import { MemoryMessageSearch } from '../adapters/memory/message-search.ts'
import { MemoryOperatorRecords } from '../adapters/memory/operator-records.ts'
import { MemoryPresenceStore } from '../adapters/memory/presence-store.ts'
import { MemoryPushQueue } from '../adapters/memory/push-queue.ts'
import { MemoryReceiptStore } from '../adapters/memory/receipt-store.ts'
import { MemoryRegistrationStore } from '../adapters/memory/registration-store.ts'
import { MemoryRevocationLog } from '../adapters/memory/revocation-log.ts'
import { MemoryStores } from '../adapters/memory/stores.ts'
import { MemorySyncQueue } from '../adapters/memory/sync-queue.ts'
import { MemoryUsers } from '../adapters/memory/users.ts'
import { unlimited } from '../gateway/rate-limiter.ts'
import { type Logger, silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { seededRandom } from '../lib/seeded-random.ts'
import type { TierPolicy } from '../media/tiering.ts'
import { createServices, type Ports } from './services.ts'

/** All services of a node over stores in memory, in time that stands still; nothing listens. */
export async function openMemoryNode(
  given: {
    ports?: (ports: Ports, clock: ManualClock) => Partial<Ports>
    logger?: Logger
    tiers?: TierPolicy | undefined
  } = {},
) {
  const clock = new ManualClock()
  const stores = new MemoryStores()
  const users = new MemoryUsers(clock)
  const ports: Ports = {
    accounts: new MemoryAccountStore(users),
    devices: new MemoryDeviceStore(users),
    blocks: new MemoryBlockStore(users),
    revocations: new MemoryRevocationLog(users),
    registrations: new MemoryRegistrationStore(users),
    pushes: new MemoryPushQueue(),
    operators: new MemoryOperatorRecords(),
    log: new MemoryConversationLog(stores, clock),
    queue: new MemorySyncQueue(stores, clock),
    conversations: new MemoryConversationStore(stores, clock),
    receipts: new MemoryReceiptStore(stores, clock),
    presence: new MemoryPresenceStore(clock),
    search: new MemoryMessageSearch(stores),
    limiter: unlimited,
    lease: await new MemoryCoordinator().lease(),
  }
  const services = createServices({
    ports: { ...ports, ...given.ports?.(ports, clock) },
    clock,
    random: seededRandom(5),
    logger: given.logger ?? silentLogger,
    hasher: plainHasher(),
    ticketKey: new Uint8Array(32),
    epoch: 'e',
    heartbeat: 30_000,
    ...(given.tiers && { mediaTiers: given.tiers }),
    publicUrl: () => 'http://node.test',
  })
  await services.ids.keepAhead()
  return { ...services, ports, clock }
}
