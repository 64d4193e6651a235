import { describe, expect, it } from 'vitest'
import { reachOf } from './consistency.ts'
import { refuseUnsafe } from './durability.ts'

describe('durability on Cassandra', () => {
  it('D1: hosts that acknowledge before it is on disk are refused, by name', () => {
    expect(() =>
      refuseUnsafe(
        new Map([
          ['h1', 'batch'],
          ['h2', 'group'],
        ]),
      ),
    ).not.toThrow()
    expect(() =>
      refuseUnsafe(
        new Map([
          ['h1', 'batch'],
          ['h2', 'periodic'],
        ]),
      ),
    ).toThrow(/h2 \(periodic\).*--unsafe-durability/)
    expect(() => refuseUnsafe(new Map([['h1', 'unknown']]))).toThrow(/h1 \(unknown\)/)
  })
})

describe('consistency on Cassandra', () => {
  const one = new Map([['here', 3]])
  const two = new Map([
    ['here', 3],
    ['there', 3],
  ])

  it('the majority of the only data centre decides, else that of all', () => {
    expect(reachOf(undefined, one)).toBe('local')
    expect(reachOf('global', one)).toBe('global')
    expect(reachOf(undefined, two)).toBe('global')
  })

  it('D3: the majority of one data centre among several is refused: two nodes could append the same seq', () => {
    expect(() => reachOf('local', two)).toThrow(/not safe/)
    expect(reachOf('local', one)).toBe('local')
  })
})
