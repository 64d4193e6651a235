import { describe, expect, it } from 'vitest'
import { invariants } from '../history/record.ts'
import { type Outcome, simulate } from './simulate.ts'

/** Seeds that once showed a bug of the product. */
const pinned: number[] = [258]
const perTest = 10
const nodes = 3

/** `PARLEY_SEED=n` runs that seed alone; `PARLEY_CLUSTER_SEEDS=n` as many, from 1 on. */
function chosenSeeds(): number[] {
  const { PARLEY_SEED: one, PARLEY_CLUSTER_SEEDS: count = '30' } = process.env
  if (one !== undefined) return [Number(one)]
  return [...new Set([...Array.from({ length: Number(count) }, (_, index) => index + 1), ...pinned])]
}

function told(seed: number, { violations, complaints }: Outcome): string[] {
  const broken = violations.map(({ invariant, message }) => `${invariant} (${invariants[invariant]}): ${message}`)
  const lines = [...complaints, ...broken].slice(0, 5).map((line) => line.slice(0, 1500))
  return lines.length === 0 ? [] : [`PARLEY_SEED=${seed} shows it again`, ...lines]
}

describe('simulation: three nodes over one store, whatever happens to them and between them', () => {
  const seeds = chosenSeeds()
  for (let at = 0; at < seeds.length; at += perTest) {
    const some = seeds.slice(at, at + perTest)
    const name = `every promise holds, and the same seed gives the same run: seeds ${some[0]} to ${some.at(-1)}`
    it(name, { timeout: 240_000 }, async () => {
      const faults: string[] = []
      for (const seed of some) {
        const first = await simulate(seed, {}, nodes)
        const second = await simulate(seed, {}, nodes)
        faults.push(...told(seed, first))
        if (first.hash !== second.hash) faults.push(`PARLEY_SEED=${seed} does not give the same run twice`)
      }
      expect(faults).toEqual([])
    })
  }
})
