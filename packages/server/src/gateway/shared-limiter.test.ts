import { describe, expect, it } from 'vitest'
import { MemoryRateLimiter } from '../adapters/memory/rate-limiter.ts'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { describeContract } from '../lib/stores.contract.ts'
import { rateLimiterRules } from './rate-limiter.contract.ts'
import type { RateLimiter, RateRule } from './rate-limiter.ts'
import { SharedRateLimiter } from './shared-limiter.ts'

/** Counters that several nodes ask, which may be away, silent or late. */
class TestShared implements RateLimiter {
  readonly #counters
  readonly #clock
  asked = 0
  mood: 'well' | 'broken' | 'silent' = 'well'

  constructor(clock: ManualClock) {
    this.#clock = clock
    this.#counters = new MemoryRateLimiter(clock)
  }

  async take(rule: RateRule, name: string, key: string): Promise<number> {
    this.asked++
    if (this.mood === 'broken') throw new Error('connection refused')
    if (this.mood === 'silent') await new Promise<void>((resolve) => this.#clock.after(10_000, resolve))
    return this.#counters.take(rule, name, key)
  }
}

function world() {
  const clock = new ManualClock()
  const shared = new TestShared(clock)
  const node = () => new SharedRateLimiter(shared, new MemoryRateLimiter(clock), { clock, logger: silentLogger })
  return { clock, shared, node }
}

async function open() {
  const { clock, node } = world()
  const pass = (ms: number) => clock.advance(ms)
  return { node: async () => ({ limiter: node() }), now: () => clock.now(), pass, close: async () => {} }
}

describeContract('shared rate limiter', rateLimiterRules, open, { runs: 300, exact: true })

const rule = { points: 4, seconds: 60 }

describe('shared limits', () => {
  it('a frame that cannot wait is refused at once after the first refusal, and the counters are asked no more', async () => {
    const { clock, shared, node } = world()
    const [one, other] = [node(), node()]
    for (let i = 0; i < 4; i++) expect(await one.take(rule, 'send', 'u')).toBe(0)
    expect(await other.take(rule, 'send', 'u')).toBeCloseTo(15_000)
    const { asked } = shared
    for (let i = 0; i < 100; i++) expect(other.take(rule, 'send', 'u')).toBeCloseTo(15_000)
    expect(shared.asked).toBe(asked)
    await clock.advance(15_001)
    expect(await other.take(rule, 'send', 'u')).toBe(0)
  })

  it('away: each node counts alone, with what it allowed before; asked again once in a second', async () => {
    const { clock, shared, node } = world()
    const [one, other] = [node(), node()]
    for (let i = 0; i < 3; i++) await one.take(rule, 'send', 'u')
    shared.mood = 'broken'
    expect(await one.take(rule, 'send', 'u')).toBe(0)
    expect(one.take(rule, 'send', 'u')).toBeGreaterThan(0)
    for (let i = 0; i < 4; i++) expect(await other.take(rule, 'send', 'u')).toBe(0)
    expect(other.take(rule, 'send', 'u')).toBeGreaterThan(0)
    const { asked } = shared
    for (let tenths = 0; tenths < 100; tenths++) {
      await clock.advance(100)
      await one.take(rule, 'send', `u${tenths}`)
    }
    expect(shared.asked - asked).toBeLessThanOrEqual(11)
  })

  it('silent: nobody waits longer than 50 ms, and only one in a second waits at all', async () => {
    const { clock, shared, node } = world()
    const limiter = node()
    shared.mood = 'silent'
    const waiting = limiter.take(rule, 'send', 'u')
    let answered = false
    void Promise.resolve(waiting).then(() => (answered = true))
    await clock.advance(49)
    expect(answered).toBe(false)
    await clock.advance(1)
    expect(await waiting).toBe(0)
    expect(limiter.take(rule, 'send', 'v')).toBe(0)
    await clock.advance(1000)
    expect(limiter.take(rule, 'send', 'w')).toBeInstanceOf(Promise)
    expect(limiter.take(rule, 'send', 'x')).toBe(0)
    await clock.advance(20_000)
  })

  it('counts with the others again once they answer', async () => {
    const { clock, shared, node } = world()
    const [one, other] = [node(), node()]
    shared.mood = 'broken'
    await one.take(rule, 'send', 'u')
    shared.mood = 'well'
    await clock.advance(1000)
    for (let i = 0; i < 4; i++) expect(await other.take(rule, 'send', 'v')).toBe(0)
    expect(await one.take(rule, 'send', 'v')).toBeGreaterThan(0)
  })
})
