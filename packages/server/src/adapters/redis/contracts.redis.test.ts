import { afterAll, describe, expect, it } from 'vitest'
import { sessionRegistryRules } from '../../delivery/session-registry.contract.ts'
import { rateLimiterRules } from '../../gateway/rate-limiter.contract.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { describeContract, movedTime, realTime, unique } from '../../lib/stores.contract.ts'
import { presenceStoreRules } from '../../presence/presence-store.contract.ts'
import { RedisConnection } from './connection.ts'
import { loadDriver } from './driver.ts'
import { openRedis } from './redis.ts'

const url = process.env.REDIS_URL

describe.skipIf(url === undefined)(
  `Redis${url ? '' : ' (it is not running: npm run engines -- up redis)'}`,
  { concurrent: false },
  () => {
    const prefixes: string[] = []

    const openWith = async (time: Pick<ReturnType<typeof movedTime>, 'now' | 'pass'>, clock = systemClock) => {
      const prefix = `parley-test:${unique('p')}:`
      prefixes.push(prefix)
      const opened: { close(): Promise<void> }[] = []
      const node = async () => {
        const redis = await openRedis(url as string, { clock, logger: silentLogger, prefix })
        opened.push(redis)
        return redis
      }
      const close = async () => {
        for (const redis of opened) await redis.close()
      }
      return { ...time, node, close, prefix }
    }

    afterAll(async () => {
      const connection = new RedisConnection(await loadDriver(url as string), systemClock, silentLogger)
      await connection.open()
      for (const prefix of prefixes) {
        const keys = (await connection.run((redis) => redis.sendCommand(['KEYS', `${prefix}*`]))) as string[]
        if (keys.length > 0) await connection.run((redis) => redis.sendCommand(['UNLINK', ...keys]))
      }
      connection.close()
    })

    const moved = async () => {
      const { clock, ...time } = movedTime()
      return openWith(time, clock)
    }
    describeContract('session registry in Redis', sessionRegistryRules, moved, { runs: 60, exact: true })
    describeContract('presence store in Redis', presenceStoreRules, moved, { runs: 60, exact: true })
    describeContract('rate limiter in Redis', rateLimiterRules, () => openWith(realTime), { runs: 3, exact: true })

    it('nobody waits longer than a rule says when the clock of the server was set back', async () => {
      const stores = await openWith(realTime)
      const { limiter } = await stores.node()
      const connection = new RedisConnection(await loadDriver(url as string), systemClock, silentLogger)
      await connection.open()
      const key = `${stores.prefix}limit:n:k`
      await connection.run((redis) => redis.sendCommand(['SET', key, String(Date.now() + 3_600_000)]))
      connection.close()
      const rule = { points: 10, seconds: 1 }
      const wait = await limiter.take(rule, 'n', 'k')
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(101)
      await stores.pass(wait)
      expect(await limiter.take(rule, 'n', 'k')).toBe(0)
      await stores.close()
    })

    it('tells what `parley doctor` asks for', async () => {
      const stores = await openWith(realTime)
      const report = await (await stores.node()).check()
      expect(report).toMatchObject({ engine: 'Redis', settings: { role: 'master', cluster: 'no' } })
      expect(report.version).toMatch(/^\d+\.\d+/)
      expect(report.latency).toBeLessThan(1000)
      expect(Math.abs(report.clockSkew ?? Number.NaN)).toBeLessThan(100)
      expect(report.advice.join()).toContain('maxmemory')
      await stores.close()
    })
  },
)
