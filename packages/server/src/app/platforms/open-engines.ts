import { openCassandra } from '../../adapters/cassandra/open.ts'
import { openMongo } from '../../adapters/mongodb/mongodb.ts'
import { openPostgres } from '../../adapters/postgres/open.ts'
import { openRedis } from '../../adapters/redis/redis.ts'
import { openS3 } from '../../adapters/s3/open.ts'
import { openZooKeeper } from '../../adapters/zookeeper/zookeeper.ts'
import type { Engines } from '../engines.ts'
import type { World } from '../platform.ts'

type Close = () => Promise<void>

/** All engines of a cluster, for one process. @throws Error that says which engine cannot be used, and why */
export async function openEngines(
  engines: Engines,
  { node, unsafeDurability }: { node: string; unsafeDurability: boolean },
  world: Omit<World, 'crashAt' | 'onBroken'>,
) {
  const { clock, random, logger, statements: counts } = world
  const opened: Close[] = []
  /** In reverse, so that nothing loses what it stands on. */
  const close: Close = async () => {
    for (const closeOne of opened.reverse()) await closeOne()
  }
  const open: Open = async (name, opening) => {
    try {
      const one = await opening
      opened.push(() => one.close())
      return one
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error })
    }
  }
  try {
    const postgres = await open('PostgreSQL', openPostgres(engines.databases, { clock, logger, counts }))
    const cassandra = await open(
      'Cassandra',
      openCassandra(engines.cassandra, { clock, random, logger, node, unsafeDurability, counts }),
    )
    const redis =
      engines.redis === undefined ? undefined : await open('Redis', openRedis(engines.redis, { clock, logger, counts }))
    const sessions = await openSessions(engines, redis, open, world)
    const s3 = engines.s3 && (await open('S3', openS3(engines.s3, { clock, logger })))
    const zookeeper = await open('ZooKeeper', openZooKeeper(engines.zookeeper, { clock, random, logger }))
    return { postgres, cassandra, redis, sessions, presence: (redis ?? sessions).presence, s3, zookeeper, close }
  } catch (error) {
    await close().catch(() => {})
    throw error
  }
}

type OpenRedis = Awaited<ReturnType<typeof openRedis>>
type Open = <Opened extends { close(): Promise<void> }>(name: string, opening: Promise<Opened>) => Promise<Opened>

/** Who is where. In the Redis that is open already when it is the same one. */
function openSessions(
  engines: Engines,
  redis: OpenRedis | undefined,
  open: Open,
  { clock, logger, statements: counts }: Pick<World, 'clock' | 'logger' | 'statements'>,
) {
  const { technology, url } = engines.sessions
  if (technology === 'mongodb') return open('MongoDB', openMongo(url, { clock, logger, counts }))
  if (redis && url === engines.redis) return redis
  return open('Redis (sessions)', openRedis(url, { clock, logger, counts }))
}
