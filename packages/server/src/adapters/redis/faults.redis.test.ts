import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { redis as engine } from '../../../../../engines/redis.ts'
import { SharedRateLimiter } from '../../gateway/shared-limiter.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { type OwnEngine, startOwn } from '../../lib/own-engine.contract.ts'
import { until } from '../../lib/stores.contract.ts'
import { MemoryRateLimiter } from '../memory/rate-limiter.ts'
import { type OpenRedis, openRedis } from './redis.ts'

const isThere = process.env.REDIS_URL !== undefined
const rule = { points: 1000, seconds: 1 }

describe.skipIf(!isThere)(
  `Redis in trouble${isThere ? '' : ' (it is not running: npm run engines -- up redis)'}`,
  () => {
    let own: OwnEngine
    let redis: OpenRedis
    beforeEach(async () => {
      own = await startOwn(engine)
      redis = await openRedis(own.variables.REDIS_URL as string, { clock: systemClock, logger: silentLogger })
    })
    afterEach(async () => {
      await redis.close()
      await own.stop()
    })

    const works = async () => {
      await redis.sessions.add('n', ['u'])
      return (
        (await redis.sessions.nodesOf(['u'])).get('u')?.[0] === 'n' && (await redis.limiter.take(rule, 'a', 'b')) === 0
      )
    }
    const calls = () => [
      redis.sessions.add('n', ['u']),
      redis.sessions.nodesOf(['u']),
      redis.presence.statusOf(['u']),
      redis.presence.saveLastOnline([{ user: 'u', at: 1 }]),
      redis.limiter.take(rule, 'a', 'b'),
      redis.check(),
    ]
    /** Milliseconds until all of it was refused. */
    const refused = async () => {
      const started = performance.now()
      for (const outcome of await Promise.allSettled(calls())) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
      }
      return performance.now() - started
    }

    it('killed: calls are refused at once, and answered soon after it is back, with nothing in it', async () => {
      expect(await works()).toBe(true)
      await own.node.kill()
      await refused()
      expect(await refused()).toBeLessThan(100)
      await own.node.start()
      expect(await until(works, 5000)).toBeLessThan(3000)
    })

    it('frozen: calls are refused in bounded time; it is used again once it goes on', async () => {
      expect(await works()).toBe(true)
      await own.node.freeze()
      expect(await refused()).toBeLessThan(2500)
      expect(await refused()).toBeLessThan(100)
      own.node.thaw()
      expect(await until(works, 8000)).toBeLessThan(5000)
    })

    it('frozen: who asks for a shared limit waits 50 ms once, and is limited by this node alone', async () => {
      const deps = { clock: systemClock, logger: silentLogger }
      const limiter = new SharedRateLimiter(redis.limiter, new MemoryRateLimiter(systemClock), deps)
      const tight = { points: 3, seconds: 60 }
      expect(await limiter.take(tight, 'tight', 'b')).toBe(0)
      await own.node.freeze()
      const started = performance.now()
      expect(await limiter.take(tight, 'tight', 'b')).toBe(0)
      expect(performance.now() - started).toBeLessThan(200)
      expect(limiter.take(tight, 'tight', 'b')).toBe(0)
      expect(limiter.take(tight, 'tight', 'b')).toBeGreaterThan(0)
      own.node.thaw()
      await until(works, 8000)
    })

    it('away when the node starts: it is used as soon as it is there', async () => {
      await redis.close()
      await own.node.kill()
      redis = await openRedis(own.variables.REDIS_URL as string, { clock: systemClock, logger: silentLogger })
      await refused()
      await own.node.start()
      await until(works, 5000)
    })

    it('closed: nothing is tried again', async () => {
      await redis.close()
      await refused()
      await own.node.kill()
      await own.node.start()
      await refused()
    })
  },
)
