import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from './histogram.ts'

function exactPercentile(values: number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(fraction * sorted.length) - 1] ?? 0
}

describe('Histogram', () => {
  it('says zero when nothing was recorded', () => {
    expect(new Histogram().summary()).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
  })

  it('is within 3.2 % (and 1 µs) of the exact percentile, never below it by more than rounding', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.95, 0.99, 1),
        (values, fraction) => {
          const histogram = new Histogram()
          for (const value of values) histogram.record(value)
          const exact = exactPercentile(values, fraction)
          const found = histogram.percentile(fraction)
          expect(found).toBeGreaterThanOrEqual(exact - 0.001)
          expect(found).toBeLessThanOrEqual(exact * 1.032 + 0.001)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('counts a negative latency as zero and forgets on reset', () => {
    const histogram = new Histogram()
    histogram.record(-3)
    expect(histogram.count).toBe(1)
    expect(histogram.percentile(1)).toBe(0)
    histogram.record(12)
    histogram.reset()
    expect(histogram.count).toBe(0)
    expect(histogram.summary().max).toBe(0)
  })
})
