import { MemoryRateLimiter } from '../../adapters/memory/rate-limiter.ts'
import { LinkProof } from '../../adapters/websocket/link-proof.ts'
import { WebSocketLinkTransport } from '../../adapters/websocket/link-transport.ts'
import { SealedSecrets } from '../../cluster/sealed-secrets.ts'
import { type RateLimiter, unlimited } from '../../gateway/rate-limiter.ts'
import { SharedRateLimiter } from '../../gateway/shared-limiter.ts'
import type { Engines } from '../engines.ts'
import type { Settings } from '../options.ts'
import type { Platform, World } from '../platform.ts'
import { sharedSecrets } from '../secrets.ts'
import { openEngines } from './open-engines.ts'
import { openS3Media } from './s3-media.ts'

const nodeIdBytes = 8

/** A node of several on the engines of a cluster. @throws Error that says which engine cannot be used, and why */
export async function openCluster(engines: Engines, settings: Settings, world: World): Promise<Platform> {
  const { clock, random, logger } = world
  const node = `n${Buffer.from(random.bytes(nodeIdBytes)).toString('hex')}`
  const { unsafeDurability } = settings
  const opened = await openEngines(engines, { node, unsafeDurability }, world)
  const { postgres, cassandra, redis, sessions, presence, s3, zookeeper } = opened
  try {
    const secrets = await sharedSecrets(new SealedSecrets(postgres.secrets, engines.secret, random), random)
    const own = new MemoryRateLimiter(clock)
    const shared = redis ? new SharedRateLimiter(redis.limiter, own, { clock, logger }) : own
    const limiter: RateLimiter = settings.rateLimits === 'off' ? unlimited : shared
    const transport = new WebSocketLinkTransport(node, new LinkProof(secrets.linkKey, clock, random))
    const media = s3 && (await openS3Media({ ...postgres, blobs: s3.blobs }, clock))
    return {
      ports: {
        accounts: postgres.accounts,
        devices: postgres.devices,
        blocks: postgres.blocks,
        revocations: postgres.revocations,
        registrations: postgres.registrations,
        pushes: postgres.pushes,
        operators: postgres.operators,
        search: postgres.search,
        log: cassandra.log,
        queue: cassandra.queue,
        conversations: cassandra.conversations,
        receipts: cassandra.receipts,
        presence,
        media: media?.ports,
        limiter,
        lease: await zookeeper.coordinator.lease(),
      },
      secrets,
      cluster: { id: node, coordinator: zookeeper.coordinator, sessions: sessions.sessions, transport },
      marks: postgres.marks,
      storage: async () => ({ database: await postgres.size() }),
      announce: () => {},
      trouble: () => cassandra.time.trouble(),
      clockAhead: () => cassandra.time.ahead,
      close: async () => {
        transport.close()
        await media?.close()
        await opened.close()
      },
    }
  } catch (error) {
    await opened.close().catch(() => {})
    throw error
  }
}
