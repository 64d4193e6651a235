import { describe, expect, it } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import { Reconciler } from './reconciler.ts'

describe('a reconciler', () => {
  it('runs one at a time, and once more when it is woken meanwhile', async () => {
    const clock = new ManualClock()
    let runs = 0
    let running = 0
    const reconciler = new Reconciler(async () => {
      expect(++running).toBe(1)
      runs++
      await new Promise<void>((resolve) => clock.after(10, resolve))
      running--
    }, clock)
    for (let i = 0; i < 5; i++) reconciler.wake()
    await clock.advance(100)
    expect(runs).toBe(2)
    reconciler.wake()
    await clock.advance(100)
    expect(runs).toBe(3)
    expect(clock.waiting).toBe(0)
  })

  it('tries again after a failure, more and more slowly, at once when it is woken, and not after the end', async () => {
    const clock = new ManualClock()
    let broken = true
    let runs = 0
    const errors: unknown[] = []
    const reconciler = new Reconciler(
      async () => {
        runs++
        if (broken) throw new Error('away')
      },
      clock,
      (error) => errors.push(error),
    )
    reconciler.wake()
    await clock.advance(10_000)
    expect(runs).toBeGreaterThan(8)
    expect(runs).toBeLessThan(20)
    expect(errors.length).toBe(runs)
    const before = runs
    reconciler.wake()
    await clock.advance(0)
    expect(runs).toBe(before + 1)
    broken = false
    await clock.advance(10_000)
    expect([runs, clock.waiting]).toEqual([before + 2, 0])
    broken = true
    reconciler.wake()
    await clock.advance(0)
    await reconciler.stop()
    await clock.advance(10_000)
    expect(runs).toBe(before + 3)
  })
})
