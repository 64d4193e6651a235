import type { Clock } from '../../lib/clock.ts'
import type { EngineReport } from '../../lib/engine-report.ts'
import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import { checkMongo } from './check.ts'
import { MongoConnection } from './connection.ts'
import { loadDriver } from './driver.ts'
import { MongoPresenceStore } from './presence-store.ts'
import { MongoSessionRegistry } from './session-registry.ts'

export interface OpenMongo {
  sessions: MongoSessionRegistry
  presence: MongoPresenceStore
  /** @throws AppError `unavailable` while it is away */
  check(): Promise<EngineReport>
  close(): Promise<void>
}

/**
 * A server or replica set that speaks MongoDB's protocol, `mongodb://h1,h2/database`; nothing in it need outlive it.
 * When it is away that is no error: calls reject until it is back. All collections begin with `prefix`.
 */
export async function openMongo(
  url: string,
  { clock, logger, prefix = '', counts }: { clock: Clock; logger: Logger; prefix?: string; counts?: StatementCounts },
): Promise<OpenMongo> {
  const connection = new MongoConnection(await loadDriver(url), clock, logger, counts)
  const sessions = new MongoSessionRegistry(connection, clock, prefix)
  const presence = new MongoPresenceStore(connection, clock, prefix)
  await Promise.all([sessions.open(), presence.open()])
  return {
    sessions,
    presence,
    check: () => checkMongo(connection, clock),
    close: () => connection.close(),
  }
}
