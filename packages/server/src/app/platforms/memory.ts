import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryAccountStore } from '../../adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../../adapters/memory/block-store.ts'
import { MemoryConversationLog } from '../../adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../../adapters/memory/conversation-store.ts'
import { MemoryCoordinator } from '../../adapters/memory/coordinator.ts'
import { MemoryDeviceStore } from '../../adapters/memory/device-store.ts'
import { MemoryMediaCatalogue } from '../../adapters/memory/media-catalogue.ts'
import { MemoryMediaObjects } from '../../adapters/memory/media-objects.ts'
import { MemoryMediaReferences } from '../../adapters/memory/media-references.ts'
import { MemoryMediaRows } from '../../adapters/memory/media-rows.ts'
import { MemoryMessageSearch } from '../../adapters/memory/message-search.ts'
import { MemoryOperatorRecords } from '../../adapters/memory/operator-records.ts'
import { MemoryPresenceStore } from '../../adapters/memory/presence-store.ts'
import { MemoryPushQueue } from '../../adapters/memory/push-queue.ts'
import { MemoryReceiptStore } from '../../adapters/memory/receipt-store.ts'
import { MemoryRegistrationStore } from '../../adapters/memory/registration-store.ts'
import { MemoryRevocationLog } from '../../adapters/memory/revocation-log.ts'
import { MemoryStores } from '../../adapters/memory/stores.ts'
import { MemorySyncQueue } from '../../adapters/memory/sync-queue.ts'
import { MemoryUsers } from '../../adapters/memory/users.ts'
import type { RateLimiter } from '../../gateway/rate-limiter.ts'
import type { Platform, World } from '../platform.ts'
import { makeSecrets } from '../secrets.ts'
import { openDiskMedia } from './disk-media.ts'

/** A node that keeps nothing. */
export async function openMemory(limiter: RateLimiter, { clock, random }: World): Promise<Platform> {
  const stores = new MemoryStores()
  const users = new MemoryUsers(clock)
  // Bytes of media may be more than memory should hold.
  const folder = await mkdtemp(join(tmpdir(), 'parley-media-'))
  const media = openDiskMedia(folder, clock, random)
  const rows = new MemoryMediaRows()
  return {
    ports: {
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
      limiter,
      media: {
        ...media.ports,
        catalogue: new MemoryMediaCatalogue(rows),
        references: new MemoryMediaReferences(rows),
        objects: new MemoryMediaObjects(rows),
      },
      lease: await new MemoryCoordinator().lease(),
    },
    secrets: makeSecrets(random),
    cluster: undefined,
    storage: async () => ({}),
    announce: () => {},
    trouble: () => undefined,
    clockAhead: () => undefined,
    close: async () => {
      await media.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
