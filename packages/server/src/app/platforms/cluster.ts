import { openCassandra } from '../../adapters/cassandra/open.ts'
import { MemoryRateLimiter } from '../../adapters/memory/rate-limiter.ts'
import { openMongo } from '../../adapters/mongodb/mongodb.ts'
import { openPostgres } from '../../adapters/postgres/open.ts'
import { openRedis } from '../../adapters/redis/redis.ts'
import { LinkProof } from '../../adapters/websocket/link-proof.ts'
import { WebSocketLinkTransport } from '../../adapters/websocket/link-transport.ts'
import { openZooKeeper } from '../../adapters/zookeeper/zookeeper.ts'
import { SealedSecrets } from '../../cluster/sealed-secrets.ts'
import { type RateLimiter, unlimited } from '../../gateway/rate-limiter.ts'
import { SharedRateLimiter } from '../../gateway/shared-limiter.ts'
import type { Engines } from '../engines.ts'
import type { Settings } from '../options.ts'
import type { Platform, World } from '../platform.ts'
import { sharedSecrets } from '../secrets.ts'

const nodeIdBytes = 8

type Close = () => Promise<void>

/** A node of several on the engines of a cluster. @throws Error that says which engine cannot be used, and why */
export async function openCluster(engines: Engines, settings: Settings, world: World): Promise<Platform> {
  const { clock, random, logger, statements: counts } = world
  const node = `n${Buffer.from(random.bytes(nodeIdBytes)).toString('hex')}`
  const opened: Close[] = []
  /** In reverse, so that nothing loses what it stands on. */
  const close: Close = async () => {
    for (const closeOne of opened.reverse()) await closeOne()
  }
  const open = async <Opened extends { close(): Promise<void> }>(name: string, opening: Promise<Opened>) => {
    try {
      const one = await opening
      opened.push(() => one.close())
      return one
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error })
    }
  }
  try {
    const { unsafeDurability } = settings
    const postgres = await open('PostgreSQL', openPostgres(engines.databases, { clock, logger, counts }))
    const cassandra = await open(
      'Cassandra',
      openCassandra(engines.cassandra, { clock, random, logger, node, unsafeDurability, counts }),
    )
    const redis =
      engines.redis === undefined ? undefined : await open('Redis', openRedis(engines.redis, { clock, logger, counts }))
    const sessions = await openSessions(engines, redis, open, world)
    const zookeeper = await open('ZooKeeper', openZooKeeper(engines.zookeeper, { clock, random, logger }))
    const secrets = await sharedSecrets(new SealedSecrets(postgres.secrets, engines.secret, random), random)
    const own = new MemoryRateLimiter(clock)
    const shared = redis ? new SharedRateLimiter(redis.limiter, own, { clock, logger }) : own
    const limiter: RateLimiter = settings.rateLimits === 'off' ? unlimited : shared
    const transport = new WebSocketLinkTransport(node, new LinkProof(secrets.linkKey, clock, random))
    opened.push(async () => transport.close())
    return {
      ports: {
        accounts: postgres.accounts,
        devices: postgres.devices,
        blocks: postgres.blocks,
        revocations: postgres.revocations,
        search: postgres.search,
        log: cassandra.log,
        queue: cassandra.queue,
        conversations: cassandra.conversations,
        receipts: cassandra.receipts,
        presence: (redis ?? sessions).presence,
        limiter,
        lease: await zookeeper.coordinator.lease(),
      },
      secrets,
      cluster: { id: node, coordinator: zookeeper.coordinator, sessions: sessions.sessions, transport },
      announce: () => {},
      trouble: () => cassandra.time.trouble(),
      clockAhead: () => cassandra.time.ahead,
      close,
    }
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
  { clock, logger, statements: counts }: World,
) {
  const { technology, url } = engines.sessions
  if (technology === 'mongodb') return open('MongoDB', openMongo(url, { clock, logger, counts }))
  if (redis && url === engines.redis) return redis
  return open('Redis (sessions)', openRedis(url, { clock, logger, counts }))
}
