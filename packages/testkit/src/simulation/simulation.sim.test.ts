import { describe, expect, it } from 'vitest'
import { simulate } from './simulate.ts'

describe('simulation', () => {
  it('one seed', async () => {
    const first = await simulate(1)
    const second = await simulate(1)
    expect(second.hash).toBe(first.hash)
    expect(first.violations).toEqual([])
    expect(first.complaints).toEqual([])
  })
})
