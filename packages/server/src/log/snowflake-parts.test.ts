import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareSnowflakes, composeSnowflake, snowflakeEpoch, snowflakeLow, snowflakeTime } from './snowflake-parts.ts'

const time = fc.integer({ min: 0, max: 2 ** 41 - 1 })
const low = fc.integer({ min: 0, max: 2 ** 22 - 1 })
const big = (ms: number, bits: number): bigint => (BigInt(ms) << 22n) | BigInt(bits)

describe('parts of an id', () => {
  it('compose to 41 bits of time over 22 low bits, in decimal', () => {
    fc.assert(
      fc.property(time, low, (ms, bits) => {
        expect(composeSnowflake(snowflakeEpoch + ms, bits)).toBe(String(big(ms, bits)))
      }),
      {
        numRuns: 2000,
        examples: [
          [0, 0],
          [0, 999_999],
          [0, 1_000_000],
          [2 ** 41 - 1, 2 ** 22 - 1],
        ],
      },
    )
  })

  it('are found again', () => {
    fc.assert(
      fc.property(time, low, (ms, bits) => {
        const id = String(big(ms, bits))
        expect(snowflakeTime(id)).toBe(snowflakeEpoch + ms)
        expect(snowflakeLow(id)).toBe(bits)
      }),
      {
        numRuns: 2000,
        examples: [
          [0, 0],
          [0, 999_999],
          [2 ** 41 - 1, 2 ** 22 - 1],
        ],
      },
    )
  })

  it('order ids as numbers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (a, b) => {
        expect(Math.sign(compareSnowflakes(String(a), String(b)))).toBe(a < b ? -1 : a > b ? 1 : 0)
      }),
      {
        numRuns: 2000,
        examples: [
          [9n, 10n],
          [5n, 5n],
          [99n, 100n],
        ],
      },
    )
  })
})
