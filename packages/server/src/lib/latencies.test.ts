import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Latencies, latencyBounds } from './latencies.ts'

describe('latencies', () => {
  it('counts each into all buckets it fits', () => {
    const time = fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.constantFrom(0, ...latencyBounds))
    fc.assert(
      fc.property(fc.array(time), (times) => {
        const latencies = new Latencies()
        for (const seconds of times) latencies.observe(seconds)
        const expected = [...latencyBounds, Number.POSITIVE_INFINITY].map(
          (bound) => times.filter((seconds) => seconds <= bound).length,
        )
        expect(latencies.upTo).toEqual(expected)
        expect(latencies.sum).toBeCloseTo(times.reduce((sum, seconds) => sum + seconds, 0))
      }),
      { numRuns: 500 },
    )
  })
})
