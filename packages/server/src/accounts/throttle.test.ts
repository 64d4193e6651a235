import { describe, expect, it } from 'vitest'
import { MemoryRateLimiter } from '../adapters/memory/rate-limiter.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { PasswordThrottle } from './throttle.ts'

function open() {
  const clock = new ManualClock()
  const limiter = new MemoryRateLimiter(clock)
  const throttle = new PasswordThrottle({
    tries: (name) => limiter.take({ points: 30, seconds: 60 }, 'tries', name),
    failures: (name) => limiter.take({ points: 10, seconds: 300 }, 'failures', name),
    clock,
  })
  const fail = async (name: string) => {
    await throttle.enter(name)
    await throttle.failed(name)
  }
  return { clock, throttle, fail }
}

const refused = { code: 'rate_limited', retryAfter: expect.any(Number) }

describe('throttle of passwords', () => {
  it('after ten wrong ones and one more the name is closed, and told when to come back (C2)', async () => {
    const { clock, throttle, fail } = open()
    for (let i = 0; i < 11; i++) await fail('alice')
    await expect(throttle.enter('alice')).rejects.toMatchObject(refused)
    await expect(throttle.enter('alice')).rejects.toMatchObject({ retryAfter: 30_000 })
    await throttle.enter('bob')
    await clock.advance(30_000)
    await throttle.enter('alice')
  })

  it('a guesser gets a handful a minute: one for each point that comes back, and one that finds there is none', async () => {
    const { clock, fail } = open()
    let checked = 0
    for (let second = 0; second < 3600; second++) {
      for (let i = 0; i < 3; i++) {
        await fail('alice').then(
          () => checked++,
          (error) => expect(error).toMatchObject(refused),
        )
      }
      await clock.advance(1000)
    }
    expect(checked).toBeGreaterThan(100)
    expect(checked).toBeLessThanOrEqual(10 + 1 + (2 * 3600) / 30)
  })

  it('counts right ones too, but leaves room for a person with many devices', async () => {
    const { throttle } = open()
    for (let i = 0; i < 30; i++) await throttle.enter('alice')
    await expect(throttle.enter('alice')).rejects.toMatchObject(refused)
  })
})
