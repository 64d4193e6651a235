import { describe, expect, it } from 'vitest'
import { within } from './deadline.ts'
import { ManualClock } from './manual-clock.ts'

describe('a deadline', () => {
  it('gives the answer or the error that comes before it, and leaves no timer', async () => {
    const clock = new ManualClock()
    expect(await within(clock, 100, Promise.resolve(7), 'late')).toBe(7)
    await expect(within(clock, 100, Promise.reject(new Error('broken')), 'late')).rejects.toThrow('broken')
    expect(clock.waiting).toBe(0)
  })

  it('ends the waiting as `unavailable`, whatever comes afterwards', async () => {
    const clock = new ManualClock()
    let fail = (_error: Error): void => {}
    const waiting = within(clock, 100, new Promise((_resolve, reject) => (fail = reject)), 'late')
    const told = expect(waiting).rejects.toMatchObject({ code: 'unavailable', message: 'late' })
    await clock.advance(100)
    await told
    fail(new Error('much later'))
    await clock.advance(1)
  })
})
