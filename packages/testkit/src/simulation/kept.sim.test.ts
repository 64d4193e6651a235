import { describe, expect, it } from 'vitest'
import type { ConversationStore } from '../../../server/src/conversations/conversation-store.ts'
import { altered } from './altered.ts'
import { simulate } from './simulate.ts'
import type { Bug } from './world.ts'

const perTest = 15

/** `PARLEY_SEED=n` runs that seed alone; `PARLEY_KEPT_SEEDS=n` as many, from 1 on. */
function chosenSeeds(): number[] {
  const { PARLEY_SEED: one, PARLEY_KEPT_SEEDS: count = '30' } = process.env
  return one === undefined ? Array.from({ length: Number(count) }, (_, index) => index + 1) : [Number(one)]
}

const inStore = (alter: (store: ConversationStore) => Partial<ConversationStore>): Bug => ({
  ports: (ports) => ({ ...ports, conversations: altered(ports.conversations, alter(ports.conversations)) }),
})

const bugs: Record<string, () => Bug> = {
  'a new device does not get stars': () => inStore(() => ({ starsIn: async () => [] })),
  'stars are told in a second step': () =>
    inStore((store) => ({
      star: async (user, star, starred, update) => {
        await store.star(user, star, starred, '{"kind":"none"}')
        return store.star(user, star, starred, update)
      },
    })),
  'other devices are not told what was cleared': () =>
    inStore((store) => ({ clear: (user, id, upTo) => store.clear(user, id, upTo, '{"kind":"none"}') })),
  'what was cleared comes back on a new device': () => inStore(() => ({ cleared: async () => 0 })),
}

describe('planted bugs of what people keep: each is caught within 50 seeds', () => {
  it.each(Object.entries(bugs))('%s', { timeout: 120_000 }, async (_, plant) => {
    let caught = false
    for (let seed = 1; seed <= 50 && !caught; seed++) {
      caught = (await simulate(seed, plant(), 1, true)).violations.length > 0
    }
    expect(caught).toBe(true)
  })
})

/** F1, F4–F7 whatever happens: in the end every device of a user shows the same, and what a fresh one shows (I13). */
describe('simulation: people star, pin and clear, too', () => {
  const seeds = chosenSeeds()
  for (const [nodes, share] of [
    [1, 1],
    [3, 3],
  ] as const) {
    const ofThese = seeds.slice(0, Math.ceil(seeds.length / share))
    for (let at = 0; at < ofThese.length; at += perTest) {
      const some = ofThese.slice(at, at + perTest)
      const where = nodes === 1 ? 'one node' : `${nodes} nodes`
      it(`every promise holds on ${where}: seeds ${some[0]} to ${some.at(-1)}`, { timeout: 240_000 }, async () => {
        const faults: string[] = []
        for (const seed of some) {
          const { violations, complaints } = await simulate(seed, {}, nodes, true)
          const broken = violations.map(({ invariant, message }) => `${invariant}: ${message}`)
          const lines = [...complaints, ...broken].slice(0, 3).map((line) => line.slice(0, 1500))
          if (lines.length > 0) faults.push(`PARLEY_SEED=${seed} shows it again`, ...lines)
        }
        expect(faults).toEqual([])
      })
    }
  }
})
