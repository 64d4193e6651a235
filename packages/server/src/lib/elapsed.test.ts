import { describe, expect, it } from 'vitest'
import { elapsedSince, momentOf } from './elapsed.ts'
import { ManualClock } from './manual-clock.ts'

describe('elapsed time', () => {
  it('is the larger of both clocks', async () => {
    const clock = new ManualClock()
    const then = momentOf(clock)
    await clock.advance(1000)
    expect(elapsedSince(clock, then)).toBe(1000)
    clock.jump(-60_000)
    expect(elapsedSince(clock, then)).toBe(1000)
    clock.jump(90_000)
    expect(elapsedSince(clock, then)).toBe(31_000)
  })
})
