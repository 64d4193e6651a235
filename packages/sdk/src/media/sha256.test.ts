import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Sha256 } from './sha256.ts'

describe('SHA-256', () => {
  it('is that of FIPS 180-4', () => {
    const known = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(new Sha256().update(new TextEncoder().encode('abc')).digest()).toBe(known)
  })

  it('is what Node makes of the same bytes, whatever pieces they come in', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 31 + length) & 0xff)
      const hash = new Sha256()
      for (let at = 0, size = 1; at < length; at += size, size = (size * 7) % 61 || 3) {
        hash.update(bytes.subarray(at, at + size))
      }
      expect(hash.digest(), `${length} bytes`).toBe(createHash('sha256').update(bytes).digest('hex'))
    }
  })
})
