import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Argon2Hasher } from '../accounts/passwords.ts'
import { LocalCoordinator } from '../adapters/local/coordinator.ts'
import { MemoryAccountStore } from '../adapters/memory/account-store.ts'
import { MemoryBlockStore } from '../adapters/memory/block-store.ts'
import { MemoryConversationLog } from '../adapters/memory/conversation-log.ts'
import { MemoryConversationStore } from '../adapters/memory/conversation-store.ts'
import { MemoryCoordinator } from '../adapters/memory/coordinator.ts'
import { MemoryDeviceStore } from '../adapters/memory/device-store.ts'
import { MemoryMessageSearch } from '../adapters/memory/message-search.ts'
import { MemoryPresenceStore } from '../adapters/memory/presence-store.ts'
import { MemoryRateLimiter } from '../adapters/memory/rate-limiter.ts'
import { MemoryReceiptStore } from '../adapters/memory/receipt-store.ts'
import { MemoryRevocationLog } from '../adapters/memory/revocation-log.ts'
import { MemoryStores } from '../adapters/memory/stores.ts'
import { MemorySyncQueue } from '../adapters/memory/sync-queue.ts'
import { MemoryUsers } from '../adapters/memory/users.ts'
import { SqliteAccountStore } from '../adapters/sqlite/account-store.ts'
import { SqliteBlockStore } from '../adapters/sqlite/block-store.ts'
import { SqliteConversationLog } from '../adapters/sqlite/conversation-log.ts'
import { SqliteConversationStore } from '../adapters/sqlite/conversation-store.ts'
import { SqliteDeviceStore } from '../adapters/sqlite/device-store.ts'
import { FolderLock } from '../adapters/sqlite/folder-lock.ts'
import { SqliteMessageSearch } from '../adapters/sqlite/message-search.ts'
import { SqlitePresenceStore } from '../adapters/sqlite/presence-store.ts'
import { SqliteReceiptStore } from '../adapters/sqlite/receipt-store.ts'
import { SqliteRevocationLog } from '../adapters/sqlite/revocation-log.ts'
import { SqliteStore } from '../adapters/sqlite/store.ts'
import { SqliteSyncQueue } from '../adapters/sqlite/sync-queue.ts'
import { unlimited } from '../gateway/rate-limiter.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Random } from '../lib/random.ts'
import type { Settings } from './options.ts'
import { loadSecrets, makeSecrets, type Secrets } from './secrets.ts'
import type { Ports } from './services.ts'

/** Milliseconds that writes wait for others before they are flushed together. */
const gatherTime = 2

/** Everything a node stands on, opened. */
export interface Platform {
  ports: Ports
  secrets: Secrets
  hasher: Argon2Hasher
  /** Where the server is reached, for whoever finds the folder in use. */
  announce(url: string): void
  /** Why writes are refused at the moment; undefined: they are not. */
  trouble(): string | undefined
  close(): Promise<void>
}

export interface World {
  clock: Clock
  random: Random
  logger: Logger
  /** Named points at which the process kills itself, for tests of promises. */
  crashAt: Record<string, number>
  /** The outcome of a flush is not known: the process ends at once. */
  onBroken(reason: string): void
}

/** Opens the adapters that the settings ask for. @throws FolderInUseError, and errors of the file system */
export async function openPlatform(settings: Settings, world: World): Promise<Platform> {
  const { clock, random } = world
  const limiter = settings.rateLimits === 'off' ? unlimited : new MemoryRateLimiter(clock)
  const hasher = new Argon2Hasher(random)
  switch (settings.store) {
    case 'memory': {
      const stores = new MemoryStores()
      const users = new MemoryUsers(clock)
      return {
        ports: {
          accounts: new MemoryAccountStore(users),
          devices: new MemoryDeviceStore(users),
          blocks: new MemoryBlockStore(users),
          revocations: new MemoryRevocationLog(users),
          log: new MemoryConversationLog(stores, clock),
          queue: new MemorySyncQueue(stores, clock),
          conversations: new MemoryConversationStore(stores, clock),
          receipts: new MemoryReceiptStore(stores),
          presence: new MemoryPresenceStore(clock),
          search: new MemoryMessageSearch(stores),
          limiter,
          lease: await new MemoryCoordinator().lease(),
        },
        secrets: makeSecrets(random),
        hasher,
        announce: () => {},
        trouble: () => undefined,
        close: async () => {},
      }
    }
    case 'sqlite': {
      const { data } = settings
      mkdirSync(data, { recursive: true, mode: 0o700 })
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
        return {
          ports: {
            accounts: new SqliteAccountStore(store),
            devices: new SqliteDeviceStore(store, clock),
            blocks: new SqliteBlockStore(store),
            revocations: new SqliteRevocationLog(store, clock),
            log: new SqliteConversationLog(store),
            queue: new SqliteSyncQueue(store),
            conversations: new SqliteConversationStore(store),
            receipts: new SqliteReceiptStore(store),
            presence: new SqlitePresenceStore(store, clock),
            search: new SqliteMessageSearch(store),
            limiter,
            lease: await coordinator.lease(),
          },
          secrets,
          hasher,
          announce: (url) => lock.announce(url),
          trouble: () => refused,
          close: async () => {
            await store.close()
            lock.release()
          },
        }
      } catch (error) {
        lock.release()
        throw error
      }
    }
    default:
      return settings.store satisfies never
  }
}
