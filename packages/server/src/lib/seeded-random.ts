import type { Random } from './random.ts'

/** The same numbers for the same seed (sfc32). For tests and simulations, never for secrets. */
export function seededRandom(seed: number): Random {
  let a = seed | 0
  let b = Math.floor(seed / 0x100000000) | 0
  let c = 0x9e3779b9 | 0
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 15; i++) next()
  return {
    float: () => next() / 0x100000000,
    bytes: (length) => Uint8Array.from({ length }, () => next() & 0xff),
  }
}
