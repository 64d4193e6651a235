import { describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/manual-clock.ts'
import { Remembered } from './remembered.ts'

describe('what is remembered of a store', () => {
  it('is what was kept last, until it is dropped', () => {
    const values = new Remembered<string, number>(10, new ManualClock())
    expect(values.keep(values.asOf, 'a', 1)).toBe(true)
    values.keep(values.asOf, 'b', 2)
    expect([values.get('a'), values.get('b'), values.get('c')]).toEqual([1, 2, undefined])
    values.drop('a')
    expect([values.get('a'), values.get('b')]).toEqual([undefined, 2])
    values.clear()
    expect(values.get('b')).toBeUndefined()
  })

  it('is not what was read before a change', () => {
    const values = new Remembered<string, number>(10, new ManualClock())
    for (const change of [() => values.drop('a'), () => values.clear()]) {
      const { asOf } = values
      change()
      expect(values.keep(asOf, 'a', 1)).toBe(false)
      expect(values.get('a')).toBeUndefined()
    }
  })

  it('is forgotten in time, counted from when it was asked for', async () => {
    const clock = new ManualClock()
    const values = new Remembered<string, number>(10, clock, 5000)
    const { asOf } = values
    await clock.advance(3000)
    values.keep(asOf, 'a', 1)
    await clock.advance(1999)
    expect(values.get('a')).toBe(1)
    await clock.advance(1)
    expect(values.get('a')).toBeUndefined()
    values.keep(values.asOf, 'a', 2)
    expect(values.get('a')).toBe(2)
  })

  it('I11: is bounded', () => {
    const values = new Remembered<number, number>(10, new ManualClock())
    for (let i = 0; i < 100; i++) values.keep(values.asOf, i, i)
    expect(Array.from({ length: 100 }, (_, i) => values.get(i)).filter((one) => one !== undefined)).toHaveLength(10)
  })
})
