import { openCassandra } from '../adapters/cassandra/open.ts'
import { openMongo } from '../adapters/mongodb/mongodb.ts'
import type { DatabaseReport } from '../adapters/postgres/check.ts'
import { openPostgres } from '../adapters/postgres/open.ts'
import { openRedis } from '../adapters/redis/redis.ts'
import { openS3 } from '../adapters/s3/open.ts'
import { openZooKeeper } from '../adapters/zookeeper/zookeeper.ts'
import { systemClock } from '../lib/clock.ts'
import { within } from '../lib/deadline.ts'
import type { EngineReport } from '../lib/engine-report.ts'
import { silentLogger } from '../lib/logger.ts'
import { systemRandom } from '../lib/random.ts'
import { storageOf } from './engines.ts'
import type { Settings } from './options.ts'

/** What an engine said of itself, or why it said nothing. */
export type EngineCheck = { engine: string; report: EngineReport } | { engine: string; failure: string }

/** Milliseconds that an engine has to say it. */
const patience = 15_000
/** Milliseconds in which a connection is to come up, and between two looks. */
const connecting = 5000
const pause = 100
const world = { clock: systemClock, random: systemRandom, logger: silentLogger }

/** Asks every engine that the settings name; none when a node keeps to its data folder. @throws ConfigError */
export async function checkEngines(settings: Settings): Promise<EngineCheck[]> {
  const storage = storageOf(settings)
  if (storage.kind !== 'cluster') return []
  const { databases, cassandra, zookeeper, redis, sessions, s3 } = storage.engines
  const cassandraOptions = { ...world, node: 'doctor', unsafeDurability: true }
  const checks = [
    ask('PostgreSQL', openPostgres(databases, world), async (open) => (await open.check()).map(fromDatabase)),
    ask('Cassandra', openCassandra(cassandra, cassandraOptions), (open) => open.check()),
    ask('ZooKeeper', openZooKeeper(zookeeper, world), async (open) => [await onceConnected(() => open.check())]),
  ]
  if (redis !== undefined) checks.push(ask('Redis', openRedis(redis, world), async (open) => [await open.check()]))
  if (sessions.technology === 'mongodb')
    checks.push(ask('MongoDB', openMongo(sessions.url, world), async (open) => [await open.check()]))
  else if (sessions.url !== redis)
    checks.push(ask('Redis (sessions)', openRedis(sessions.url, world), async (open) => [await open.check()]))
  if (s3 !== undefined)
    checks.push(ask('S3', openS3(s3, world), async (open) => [await open.check(originOf(settings))]))
  return (await Promise.all(checks)).flat()
}

/** Where the web app is, as browsers know it. */
const originOf = ({ publicUrl }: Settings): string | undefined =>
  publicUrl === undefined ? undefined : new URL(publicUrl).origin

/** It is opened without waiting for a connection, which may take a moment. */
async function onceConnected<Answer>(check: () => Promise<Answer>): Promise<Answer> {
  for (let left = connecting / pause; ; left--) {
    try {
      return await check()
    } catch (error) {
      if (left <= 0) throw error
    }
    await new Promise<void>((resolve) => systemClock.after(pause, resolve))
  }
}

async function ask<Open extends { close(): Promise<void> }>(
  engine: string,
  opening: Promise<Open>,
  reports: (open: Open) => Promise<EngineReport[]>,
): Promise<EngineCheck[]> {
  const asked = (async () => {
    const open = await opening
    try {
      return (await reports(open)).map((report) => ({ engine: report.engine, report }))
    } finally {
      await open.close().catch(() => {})
    }
  })()
  try {
    return await within(systemClock, patience, asked, 'It did not answer in time.')
  } catch (error) {
    return [{ engine, failure: (error as Error).message.split('\n', 1)[0] ?? '' }]
  }
}

function fromDatabase({ database, role, state, advice }: DatabaseReport): EngineReport {
  const engine = `PostgreSQL ${role === 'replica' ? 'replica ' : ''}at ${database}`
  if (!state.reachable) return { engine, version: 'unknown', latency: Number.NaN, settings: {}, advice: [state.reason] }
  const { version, latency, skew, settings } = state
  const texts = Object.entries(settings).map(([name, value]) => [name, String(value)])
  return { engine, version, latency, clockSkew: Math.round(skew), settings: Object.fromEntries(texts), advice }
}
