import { describe, expect, it } from 'vitest'
import { clusterBugs } from './cluster/planted-cluster-bugs.ts'
import { simulate } from './simulate.ts'

const seeds = 50
const nodes = 3

describe(`planted bugs of three nodes: each is caught within ${seeds} seeds`, () => {
  for (const [name, plant] of Object.entries(clusterBugs)) {
    it(name, { timeout: 240_000 }, async ({ annotate }) => {
      let caught: string | undefined
      for (let seed = 1; seed <= seeds && caught === undefined; seed++) {
        const { violations } = await simulate(seed, plant(), nodes)
        const broken = [...new Set(violations.map(({ invariant }) => invariant))].join(' ')
        if (broken !== '') caught = `seed ${seed} broke ${broken}`
      }
      expect(caught).toBeDefined()
      await annotate(caught ?? '')
    })
  }
})
