import type { Clock } from '../../lib/clock.ts'
import type { EngineReport } from '../../lib/engine-report.ts'
import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import { checkRedis } from './check.ts'
import { RedisConnection } from './connection.ts'
import { loadDriver } from './driver.ts'
import { RedisPresenceStore } from './presence-store.ts'
import { RedisRateLimiter } from './rate-limiter.ts'
import { RedisSessionRegistry } from './session-registry.ts'

export interface OpenRedis {
  sessions: RedisSessionRegistry
  presence: RedisPresenceStore
  limiter: RedisRateLimiter
  /** @throws AppError `unavailable` while it is away */
  check(): Promise<EngineReport>
  close(): Promise<void>
}

/**
 * One server (or one behind Sentinel's address), `redis://[user:password@]host:port[/db]`; nothing in it need outlive it.
 * When it is away that is no error: calls reject until it is back. All keys begin with `prefix`.
 */
export async function openRedis(
  url: string,
  {
    clock,
    logger,
    prefix = 'parley:',
    counts,
  }: { clock: Clock; logger: Logger; prefix?: string; counts?: StatementCounts },
): Promise<OpenRedis> {
  const connection = new RedisConnection(await loadDriver(url), clock, logger, counts)
  await connection.open()
  return {
    sessions: new RedisSessionRegistry(connection, clock, prefix),
    presence: new RedisPresenceStore(connection, clock, prefix),
    limiter: new RedisRateLimiter(connection, clock, prefix),
    check: () => checkRedis(connection, clock),
    close: async () => connection.close(),
  }
}
