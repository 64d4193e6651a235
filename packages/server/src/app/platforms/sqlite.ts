import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { LocalCoordinator } from '../../adapters/local/coordinator.ts'
import { SqliteAccountStore } from '../../adapters/sqlite/account-store.ts'
import { SqliteBlockStore } from '../../adapters/sqlite/block-store.ts'
import { SqliteConversationLog } from '../../adapters/sqlite/conversation-log.ts'
import { SqliteConversationStore } from '../../adapters/sqlite/conversation-store.ts'
import { DataFolder, departureOf, FolderMovedError } from '../../adapters/sqlite/data-folder.ts'
import { SqliteDeviceStore } from '../../adapters/sqlite/device-store.ts'
import { FolderLock } from '../../adapters/sqlite/folder-lock.ts'
import { SqliteMediaCatalogue } from '../../adapters/sqlite/media-catalogue.ts'
import { SqliteMediaObjects } from '../../adapters/sqlite/media-objects.ts'
import { SqliteMediaReferences } from '../../adapters/sqlite/media-references.ts'
import { SqliteMessageSearch } from '../../adapters/sqlite/message-search.ts'
import { SqliteOperatorRecords } from '../../adapters/sqlite/operator-records.ts'
import { SqlitePresenceStore } from '../../adapters/sqlite/presence-store.ts'
import { SqlitePushQueue } from '../../adapters/sqlite/push-queue.ts'
import { SqliteReceiptStore } from '../../adapters/sqlite/receipt-store.ts'
import { SqliteRegistrationStore } from '../../adapters/sqlite/registration-store.ts'
import { SqliteRevocationLog } from '../../adapters/sqlite/revocation-log.ts'
import { SqliteStore } from '../../adapters/sqlite/store.ts'
import { SqliteSyncQueue } from '../../adapters/sqlite/sync-queue.ts'
import type { RateLimiter } from '../../gateway/rate-limiter.ts'
import { folderUsage } from '../folder-usage.ts'
import type { Platform, World } from '../platform.ts'
import { loadSecrets } from '../secrets.ts'
import { openDiskMedia } from './disk-media.ts'

/** Milliseconds that writes wait for others before they are flushed together. */
const gatherTime = 3

/** One process on one data folder. @throws FolderInUseError, FolderMovedError, and errors of the file system */
export async function openSqlite(data: string, limiter: RateLimiter, world: World): Promise<Platform> {
  const { clock, random } = world
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const departure = departureOf(data)
  if (departure) throw new FolderMovedError(data, departure)
  const lock = FolderLock.take(data, new Date(clock.now()).toISOString())
  let refused: string | undefined
  try {
    const secrets = loadSecrets(data, random)
    const store = await SqliteStore.open({
      file: join(data, 'parley.db'),
      clock,
      gather: gatherTime,
      crashAt: world.crashAt,
      onBroken: world.onBroken,
      onRefused: (reason) => {
        refused = reason
      },
    })
    const coordinator = new LocalCoordinator(data)
    const pushes = new SqlitePushQueue(store)
    await pushes.releaseAll()
    const media = openDiskMedia(join(data, 'media'), clock, random)
    return {
      ports: {
        accounts: new SqliteAccountStore(store),
        devices: new SqliteDeviceStore(store, clock),
        blocks: new SqliteBlockStore(store),
        revocations: new SqliteRevocationLog(store, clock),
        registrations: new SqliteRegistrationStore(store),
        pushes,
        operators: new SqliteOperatorRecords(store),
        log: new SqliteConversationLog(store),
        queue: new SqliteSyncQueue(store),
        conversations: new SqliteConversationStore(store),
        receipts: new SqliteReceiptStore(store),
        presence: new SqlitePresenceStore(store, clock),
        search: new SqliteMessageSearch(store),
        limiter,
        lease: await coordinator.lease(),
        media: {
          ...media.ports,
          catalogue: new SqliteMediaCatalogue(store),
          references: new SqliteMediaReferences(store),
          objects: new SqliteMediaObjects(store),
        },
      },
      secrets,
      cluster: undefined,
      folder: new DataFolder(data, store),
      storage: () => folderUsage(data),
      announce: (url) => lock.announce(url),
      rest: (done) => store.rest(done),
      trouble: () => refused,
      clockAhead: () => undefined,
      close: async () => {
        await media.close()
        await store.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}
