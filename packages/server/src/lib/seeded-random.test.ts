import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'

const take = (seed: number, count: number): number[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => random.float())
}

describe('seededRandom', () => {
  it('repeats itself for a seed, and not for another', () => {
    expect(take(7, 50)).toEqual(take(7, 50))
    expect(take(7, 50)).not.toEqual(take(8, 50))
    expect(take(7, 50)).not.toEqual(take(7 + 2 ** 32, 50))
    expect(seededRandom(3).bytes(32)).toEqual(seededRandom(3).bytes(32))
  })

  it('spreads over [0, 1), from the first number of neighbouring seeds on', () => {
    for (const numbers of [take(1, 10_000), Array.from({ length: 10_000 }, (_, seed) => take(seed, 1)[0]!)]) {
      expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
      expect(Math.max(...numbers)).toBeLessThan(1)
      for (let tenth = 0; tenth < 10; tenth++) {
        const share = numbers.filter((n) => Math.floor(n * 10) === tenth).length / numbers.length
        expect(share).toBeGreaterThan(0.08)
        expect(share).toBeLessThan(0.12)
      }
    }
  })
})
