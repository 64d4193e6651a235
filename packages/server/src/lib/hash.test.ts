import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash48 } from './hash.ts'

describe('hash of 48 bits', () => {
  it('is eight characters that a URL carries, the same for the same text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(hash48(text)).toMatch(/^[\w-]{8}$/)
        expect(hash48(text)).toBe(hash48(`${text}`))
      }),
    )
  })

  it('tells texts apart that differ little', () => {
    const hashes = new Set<string>()
    for (let n = 0; n < 200_000; n++) hashes.add(hash48(`t${1_800_000_000_000_000 + n}xabcdefgh`))
    expect(hashes.size).toBe(200_000)
  })

  it('spreads over all of its characters', () => {
    const seen = Array.from({ length: 8 }, () => new Set<string>())
    for (let n = 0; n < 5000; n++) for (const [at, char] of [...hash48(String(n))].entries()) seen[at]!.add(char)
    for (const characters of seen) expect(characters.size).toBe(64)
  })
})
