import { describe, expect, it } from 'vitest'
import { rateLimiterRules } from '../../gateway/rate-limiter.contract.ts'
import { ManualClock } from '../../lib/manual-clock.ts'
import { describeContract } from '../../lib/stores.contract.ts'
import { MemoryRateLimiter } from './rate-limiter.ts'

async function open() {
  const clock = new ManualClock()
  const limiter = new MemoryRateLimiter(clock)
  const pass = (ms: number) => clock.advance(ms)
  return { node: async () => ({ limiter }), now: () => clock.now(), pass, close: async () => {} }
}

describeContract('rate limiter in memory', rateLimiterRules, open, { runs: 300, exact: true })

const rule = { points: 2, seconds: 10 }

describe('memory of the rate limiter', () => {
  it('I11: is bounded, however many keys come', () => {
    const limiter = new MemoryRateLimiter(new ManualClock(), 100)
    for (let i = 0; i < 10_000; i++) limiter.take(rule, 'n', `key-${i}`)
    expect(limiter.size).toBeLessThanOrEqual(200)
  })

  it('remembers who is held back while fewer keys than fit came since', () => {
    const limiter = new MemoryRateLimiter(new ManualClock(), 100)
    for (let i = 0; i < 3; i++) limiter.take(rule, 'n', 'loud')
    for (let i = 0; i < 99; i++) limiter.take(rule, 'n', `key-${i}`)
    expect(limiter.take(rule, 'n', 'loud')).toBeGreaterThan(0)
  })

  it('lets go of keys that are silent', async () => {
    const clock = new ManualClock()
    const limiter = new MemoryRateLimiter(clock)
    for (let i = 0; i < 1000; i++) limiter.take(rule, 'n', `key-${i}`)
    for (let i = 0; i < 2; i++) {
      await clock.advance(10_000)
      limiter.take(rule, 'n', 'another')
    }
    expect(limiter.size).toBe(1)
  })

  it('a step of the wall clock gives and takes nothing', () => {
    const clock = new ManualClock()
    const limiter = new MemoryRateLimiter(clock)
    limiter.take(rule, 'n', 'k')
    limiter.take(rule, 'n', 'k')
    clock.jump(3_600_000)
    expect(limiter.take(rule, 'n', 'k')).toBeCloseTo(5000)
    clock.jump(-7_200_000)
    expect(limiter.take(rule, 'n', 'k')).toBeCloseTo(5000)
  })
})
