import type { RateLimiter, RateRule } from '../../gateway/rate-limiter.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RedisConnection } from './connection.ts'
import { Script } from './driver.ts'

/** Counters asked for in one call; a script stops the server while it runs. */
const partSize = 200

/**
 * KEYS: the time until which each counter's points are spoken for, on the server's own clock. ARGV per key: points, ms in
 * which they are refilled. Answers per key 0, or the ms to wait. (GCRA: a bucket of points that is refilled evenly.)
 */
const take = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local waits = {}
for i = 1, #KEYS do
  local points, period = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local each = period / points
  local spoken = tonumber(redis.call('GET', KEYS[i]) or now)
  if spoken < now then spoken = now end
  if spoken > now + period then
    -- The clock was set back, or the rule was changed.
    spoken = now + period
    redis.call('SET', KEYS[i], string.format('%.3f', spoken), 'PX', period)
  end
  local wait = spoken + each - period - now
  if wait > 0.01 then
    waits[i] = math.ceil(wait)
  else
    waits[i] = 0
    redis.call('SET', KEYS[i], string.format('%.3f', spoken + each), 'PX', math.ceil(spoken + each - now))
  end
end
return waits
`)

interface Asked {
  key: string
  rule: RateRule
  answer(wait: Promise<number>): void
}

/** Limits that all nodes count together. What is asked in one turn of the event loop goes to the server as one call. */
export class RedisRateLimiter implements RateLimiter {
  readonly #connection
  readonly #clock
  readonly #prefix
  #asked: Asked[] = []

  constructor(connection: RedisConnection, clock: Clock, prefix: string) {
    this.#connection = connection
    this.#clock = clock
    this.#prefix = `${prefix}limit:`
  }

  /** @throws AppError `unavailable`: whether a point was taken is not known */
  take(rule: RateRule, name: string, key: string): Promise<number> {
    return new Promise((resolve) => {
      if (this.#asked.length === 0) this.#clock.soon(() => this.#ask())
      this.#asked.push({ key: `${this.#prefix}${name}:${key}`, rule, answer: resolve })
    })
  }

  #ask(): void {
    const asked = this.#asked
    this.#asked = []
    for (let start = 0; start < asked.length; start += partSize) {
      const part = asked.slice(start, start + partSize)
      const keys = part.map(({ key }) => key)
      const args = part.flatMap(({ rule }) => [rule.points, rule.seconds * 1000])
      const waits = this.#connection.run((redis) => take.run(redis, keys, args)) as Promise<number[]>
      for (const [index, { answer }] of part.entries()) answer(waits.then((all) => Number(all[index])))
    }
  }
}
