import { describe, expect, it } from 'vitest'
import { median, pairedRatios, spreadOf } from './statistics.ts'

describe('median', () => {
  it('is the middle value, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([7])).toBe(7)
    expect(median([])).toBeNaN()
  })

  it('leaves its input as it was', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
})

describe('spreadOf', () => {
  it('carries the extremes and how many there were', () => {
    expect(spreadOf([2, 8, 4])).toEqual({ median: 4, min: 2, max: 8, count: 3 })
  })
})

describe('pairedRatios', () => {
  it('divides slot by slot, so a drift that both halves share cancels', () => {
    expect(pairedRatios([2, 4, 8], [1, 2, 4])).toEqual({ median: 2, min: 2, max: 2, count: 3 })
  })

  it('is not the ratio of the medians', () => {
    expect(pairedRatios([1, 10, 3], [10, 1, 1]).median).toBe(3)
  })

  it('refuses slots without a partner', () => {
    expect(() => pairedRatios([1, 2], [1])).toThrow('2 slots are paired with 1')
  })
})
