import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Buckets } from './buckets.ts'

describe('buckets of a log', () => {
  it('an entry is found where its batch was put, and a full bucket is followed by the next one', () => {
    const sizes = fc
      .integer({ min: 1, max: 20 })
      .chain((size) => fc.record({ size: fc.constant(size), widest: fc.integer({ min: 1, max: size }) }))
    const batches = fc.array(fc.nat(), { maxLength: 60 })
    fc.assert(
      fc.property(sizes, batches, ({ size, widest }, lengths) => {
        const buckets = new Buckets(size, widest)
        let head = 0
        let last = 0
        for (const length of lengths) {
          const bucket = buckets.behind(head)
          expect(bucket === last || (bucket === last + 1 && buckets.isFull(last, head))).toBe(true)
          const next = head + 1 + (length % widest)
          for (let seq = head + 1; seq <= next; seq++) {
            expect(buckets.lowest(seq)).toBeLessThanOrEqual(bucket)
            expect(buckets.highest(seq)).toBeGreaterThanOrEqual(bucket)
          }
          head = next
          last = bucket
          expect(buckets.isFull(bucket, head)).toBe(buckets.behind(head) > bucket)
        }
      }),
    )
  })
})
