import { describe, expect, it } from 'vitest'
import { measure, skewAdvice } from './engine-report.ts'
import { ManualClock } from './manual-clock.ts'

describe('measuring an engine', () => {
  it('tells the middle latency, and the skew of the fastest answer, in which both ways took the same', async () => {
    const clock = new ManualClock()
    const delays = [40, 4, 80, 20, 60]
    const measured = measure(clock, async () => {
      const delay = delays.shift() ?? 0
      await new Promise<void>((resolve) => clock.after(delay / 2, resolve))
      const theirs = clock.now() + 1500
      await new Promise<void>((resolve) => clock.after(delay / 2, resolve))
      return theirs
    })
    await clock.advance(1000)
    expect(await measured).toEqual({ latency: 40, clockSkew: 1500 })
  })

  it('tells of a clock that is off, and how', () => {
    expect(skewAdvice(1500)).toEqual(["Its clock is 1500 ms ahead of this machine's: run NTP on both."])
    expect(skewAdvice(-1500)[0]).toContain('1500 ms behind')
    expect([skewAdvice(900), skewAdvice(undefined)]).toEqual([[], []])
  })
})
