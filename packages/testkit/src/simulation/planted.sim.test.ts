import { describe, expect, it } from 'vitest'
import { planted } from './planted.ts'
import { losingWakes } from './planted-queue-bugs.ts'
import { simulate } from './simulate.ts'

const seeds = 50

/** The first seed that shows the bug, and the promises it broke. */
async function catching(plant: (typeof planted)[string]): Promise<{ seed: number; broken: string } | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const { violations } = await simulate(seed, plant())
    if (violations.length === 0) continue
    return { seed, broken: [...new Set(violations.map(({ invariant }) => invariant))].join(' ') }
  }
  return undefined
}

describe(`planted bugs: each is caught within ${seeds} seeds`, () => {
  for (const [name, plant] of Object.entries(planted)) {
    it(name, { timeout: 120_000 }, async ({ annotate }) => {
      const caught = await catching(plant)
      expect(caught).toBeDefined()
      await annotate(`seed ${caught?.seed} broke ${caught?.broken}`)
    })
  }

  it('none is seen where only wakes get lost (Y5)', { timeout: 120_000 }, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect((await simulate(seed, { ports: losingWakes })).violations).toEqual([])
    }
  })
})
