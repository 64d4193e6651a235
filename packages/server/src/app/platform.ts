import type { StorageUsed } from '@parley/protocol'
import { MemoryRateLimiter } from '../adapters/memory/rate-limiter.ts'
import type { DataFolder } from '../adapters/sqlite/data-folder.ts'
import type { WebSocketLinkTransport } from '../adapters/websocket/link-transport.ts'
import type { MarkStore } from '../cluster/mark-store.ts'
import { unlimited } from '../gateway/rate-limiter.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Random } from '../lib/random.ts'
import type { StatementCounts } from '../lib/statement-counts.ts'
import type { ClusterOptions } from './cluster.ts'
import { storageOf } from './engines.ts'
import type { Settings } from './options.ts'
import { openMemory } from './platforms/memory.ts'
import { openSqlite } from './platforms/sqlite.ts'
import type { Secrets } from './secrets.ts'
import type { Ports } from './services.ts'

/** What a node of several stands on besides its stores. */
export interface ClusterPorts extends Pick<ClusterOptions, 'id' | 'coordinator' | 'sessions'> {
  /** Its links, and the door by which those of others come in. */
  transport: WebSocketLinkTransport
}

/** Everything a node stands on, opened. */
export interface Platform {
  ports: Ports
  secrets: Secrets
  /** undefined: it is alone. */
  cluster: ClusterPorts | undefined
  /** Whose data may be moved to other stores. */
  folder?: DataFolder
  /** Where it stands that these stores are being filled from a folder. */
  marks?: MarkStore
  /** What is stored, and what room is left, as far as can be told. */
  storage(): Promise<StorageUsed>
  /** Where the server is reached, for whoever finds the folder in use. */
  announce(url: string): void
  /** The end of a turn of the event loop that did so much with sockets. */
  rest?(done: number): void
  /** Why writes are refused at the moment; undefined: they are not. */
  trouble(): string | undefined
  /** ms that the clock of this machine is ahead of the engines'; undefined: that is not known, or does not matter. */
  clockAhead(): number | undefined
  close(): Promise<void>
}

export interface World {
  clock: Clock
  random: Random
  logger: Logger
  /** Told of every statement that an engine is asked. */
  statements?: StatementCounts
  /** Named points at which the process kills itself, for tests of promises. */
  crashAt: Record<string, number>
  /** The outcome of a flush is not known: the process ends at once. */
  onBroken(reason: string): void
}

/**
 * Opens the adapters that the settings ask for.
 * @throws ConfigError, FolderInUseError, errors of the file system, and engines that are away or not fit
 */
export async function openPlatform(settings: Settings, world: World): Promise<Platform> {
  const storage = storageOf(settings)
  const limiter = settings.rateLimits === 'off' ? unlimited : new MemoryRateLimiter(world.clock)
  switch (storage.kind) {
    case 'memory':
      return openMemory(limiter, world)
    case 'sqlite':
      return openSqlite(settings.data, limiter, world)
    case 'cluster':
      // Whoever runs one process need not have the drivers.
      return (await import('./platforms/cluster.ts')).openCluster(storage.engines, settings, world)
    default:
      return storage satisfies never
  }
}
