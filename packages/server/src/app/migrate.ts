import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FileLock, FolderInUseError } from '../adapters/sqlite/folder-lock.ts'
import { sleep, systemClock } from '../lib/clock.ts'
import { systemRandom } from '../lib/random.ts'
import { StatementCounts } from '../lib/statement-counts.ts'
import { Migration, type MigrationEvent, type MigrationReport } from '../migration/migration.ts'
import { readMoveState } from '../migration/move-state.ts'
import { Verification, type Verified } from '../migration/verification.ts'
import { ConfigError } from './config.ts'
import { storageOf } from './engines.ts'
import { createLogger } from './logging.ts'
import { IdleServer } from './moving/idle-server.ts'
import { type MoveSource, openMoveSource } from './moving/move-source.ts'
import { type MoveTarget, openMoveTarget } from './moving/move-target.ts'
import { SteeredServer } from './moving/steered-server.ts'
import type { Settings } from './options.ts'
import { loadSecrets } from './secrets.ts'

export type MigrateEvent = MigrationEvent | { step: 'waiting for nodes' } | { step: 'open'; to: string }

export interface MigrateOptions {
  /** The data folder of the one process. */
  data: string
  /** What the nodes of the cluster are started with. */
  target: Settings
  tell: (event: MigrateEvent) => void
}

export interface MigrationPlan {
  to: string
  /** Rows by what they are. */
  counts: Record<string, number>
  /** `begun`: an earlier run left off there. */
  state: 'empty' | 'begun' | 'moved'
  nodes: number
}

/** ms between two looks for nodes, or for clients that were sent to them; and how long the latter are waited for. */
const look = 250
const patience = 60_000
const clock = systemClock
const random = systemRandom

/** What would be moved, and where to. Nothing is written but tables that are missing there. */
export function planMigration(options: Omit<MigrateOptions, 'tell'>): Promise<MigrationPlan> {
  return between(options, async (source, target) => {
    const state = await readMoveState(target.marks)
    return {
      to: target.to,
      counts: source.count(),
      state: source.departure() ? 'moved' : state ? 'begun' : 'empty',
      nodes: target.places().length,
    }
  })
}

/** Holds what is there against what is here, in full. */
export function verifyMigration(options: MigrateOptions): Promise<Verified[]> {
  return between(options, (source, target) =>
    new Verification(target.moves(source)).everything((verified) => options.tell({ step: 'comparing', verified })),
  )
}

/** Copies and compares, and goes no further: the server stays what it is. */
export function copyMigration(options: MigrateOptions): Promise<Verified[]> {
  return between(options, (source, target) =>
    steering(options.data, async (server) => {
      const migration = await begun(options, source, target, server)
      await migration.copy()
      return migration.compare()
    }),
  )
}

/** Takes the service there, while it runs. @returns undefined when that had been done before */
export function migrate(options: MigrateOptions): Promise<MigrationReport | undefined> {
  const { data, tell } = options
  return between(options, async (source, target) => {
    if (source.departure()) {
      // An earlier run may have ended right behind the point of no return.
      await target.open()
      tell({ step: 'open', to: target.to })
      return undefined
    }
    return steering(data, async (server) => {
      const migration = await begun(options, source, target, server)
      await migration.copy()
      const verified = await migration.compare()
      if (server instanceof SteeredServer) await untilNodes(target, tell)
      const report = await migration.cutOver(verified)
      await target.open()
      tell({ step: 'open', to: target.to })
      if (server instanceof SteeredServer) await untilHandedOver(server)
      return report
    })
  })
}

/** The server goes on for itself, as if nothing had been begun. */
export function abandonMigration(data: string): Promise<void> {
  return exclusively(data, () => steering(data, (server) => server.unwatch()))
}

async function begun(
  { data, tell }: MigrateOptions,
  source: MoveSource,
  target: MoveTarget,
  server: SteeredServer | IdleServer,
): Promise<Migration> {
  await target.prepare(loadSecrets(data, random))
  const { changes } = source
  const { marks, to, places } = target
  const conclude = async (): Promise<void> => {
    // Asked again: what there is no place for may have come since.
    target.moves(source)
    await target.conclude()
  }
  const hasLeft = (): boolean => source.departure() !== undefined
  const moves = target.moves(source)
  return new Migration({ moves, server, changes, marks, hasLeft, places, to, conclude, clock, random, tell })
}

async function untilNodes(target: MoveTarget, tell: MigrateOptions['tell']): Promise<void> {
  if (target.places().length > 0) return
  tell({ step: 'waiting for nodes' })
  while (target.places().length === 0) await sleep(clock, look)
}

async function untilHandedOver(server: SteeredServer): Promise<void> {
  for (let waited = 0; waited < patience; waited += look) {
    // It may be stopped as soon as its clients are elsewhere.
    if ((await server.status().catch(() => 'handed over')) === 'handed over') return
    await sleep(clock, look)
  }
  throw new Error('The data is moved, but no node serves its clients yet: look at the nodes (/readyz).')
}

async function between<Result>(
  { data, target: settings }: Omit<MigrateOptions, 'tell'>,
  use: (source: MoveSource, target: MoveTarget) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(join(data, 'parley.db'))) throw new ConfigError(`${data} holds no data of a server (--data).`)
  const storage = storageOf(settings)
  if (storage.kind !== 'cluster') throw new ConfigError('--to: the configuration names no engines of a cluster.')
  const logger = createLogger(settings.logLevel)
  return exclusively(data, async () => {
    const source = openMoveSource(data)
    try {
      const world = { clock, random, logger, statements: new StatementCounts() }
      const target = await openMoveTarget(storage.engines, settings.unsafeDurability, world)
      try {
        return await use(source, target)
      } finally {
        await target.close()
      }
    } finally {
      source.close()
    }
  })
}

/** One process at a time moves a folder. */
async function exclusively<Result>(data: string, use: () => Promise<Result>): Promise<Result> {
  const lock = FileLock.take(join(data, 'migrate.lock'))
  if (!lock) throw new ConfigError(`Somebody else is moving ${data} at the moment.`)
  // Nothing else keeps a process alive that waits for engines.
  const keeper = setInterval(() => {}, 60_000)
  try {
    return await use()
  } finally {
    clearInterval(keeper)
    lock.release()
  }
}

/** Its server, whether it runs or not. */
async function steering<Result>(
  data: string,
  use: (server: SteeredServer | IdleServer) => Promise<Result>,
): Promise<Result> {
  const idle = await IdleServer.take(data, clock).catch((error: unknown) => {
    if (error instanceof FolderInUseError) return undefined
    throw error
  })
  if (!idle) return use(new SteeredServer(data))
  try {
    return await use(idle)
  } finally {
    await idle.close()
  }
}
