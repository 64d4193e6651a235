import fc from 'fast-check'
import { expect } from 'vitest'
import { type Rules, unique } from '../lib/stores.contract.ts'
import type { RateLimiter, RateRule } from './rate-limiter.ts'

export interface LimiterNode {
  limiter: RateLimiter
}

const rule: RateRule = { points: 4, seconds: 1 }
const period = rule.seconds * 1000

async function allowed(limiter: RateLimiter, name: string, key: string, tries: number): Promise<number> {
  let count = 0
  for (let i = 0; i < tries; i++) if ((await limiter.take(rule, name, key)) === 0) count++
  return count
}

export const rateLimiterRules: Rules<LimiterNode> = {
  'allows the points at once, then tells how long to wait': async (stores) => {
    const { limiter } = await stores.node()
    const [name, key] = [unique('n'), unique('k')]
    expect(await allowed(limiter, name, key, rule.points)).toBe(rule.points)
    const wait = await limiter.take(rule, name, key)
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(period)
    await stores.pass(Math.ceil(wait))
    expect(await limiter.take(rule, name, key)).toBe(0)
  },

  'asking in vain does not make the wait longer': async (stores) => {
    const { limiter } = await stores.node()
    const [name, key] = [unique('n'), unique('k')]
    await allowed(limiter, name, key, rule.points)
    const first = await limiter.take(rule, name, key)
    expect(await allowed(limiter, name, key, 50)).toBe(0)
    expect(await limiter.take(rule, name, key)).toBeLessThanOrEqual(first)
  },

  'another key or another name is not touched': async (stores) => {
    const { limiter } = await stores.node()
    const [name, key] = [unique('n'), unique('k')]
    await allowed(limiter, name, key, 3 * rule.points)
    expect(await allowed(limiter, name, unique('k'), rule.points)).toBe(rule.points)
    expect(await allowed(limiter, unique('n'), key, rule.points)).toBe(rule.points)
  },

  'nodes count together': async (stores) => {
    const [one, other] = [await stores.node(1), await stores.node(2)]
    const [name, key] = [unique('n'), unique('k')]
    expect(await allowed(one.limiter, name, key, rule.points)).toBe(rule.points)
    expect(await other.limiter.take(rule, name, key)).toBeGreaterThan(0)
  },

  'never refuses less than the points in the time, never allows more than twice': async (stores, { runs }) => {
    const { limiter } = await stores.node()
    const step = fc.record({ pause: fc.integer({ min: 0, max: 700 }), tries: fc.integer({ min: 1, max: 6 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const [name, key] = [unique('n'), unique('k')]
        let taken: number[] = []
        for (const { pause, tries } of steps) {
          await stores.pass(pause)
          for (let i = 0; i < tries; i++) {
            const now = stores.now()
            taken = taken.filter((at) => at > now - period)
            const wait = await limiter.take(rule, name, key)
            if (wait === 0) taken.push(now)
            else expect(taken.length).toBeGreaterThanOrEqual(rule.points)
            expect(taken.length).toBeLessThanOrEqual(2 * rule.points)
          }
        }
      }),
      { numRuns: runs },
    )
  },
}
