import fc from 'fast-check'
import { expect } from 'vitest'
import { type ContractOptions, endsWithin, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import { QueueChain, type QueueNode, updatesIn } from './queue-reading.contract.ts'

const plans = fc.record({
  seed: fc.nat(),
  /** Per writer: how many updates of one `put`, one after the other. */
  writers: fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 4,
  }),
  limit: fc.integer({ min: 1, max: 5 }),
  /** The chain goes on from the positions of rows instead of the ends of pages. */
  byRow: fc.boolean(),
})

/** Puts from several nodes, and readers that go on and on from where they are. */
export async function racingPutsRule(stores: TestStores<QueueNode>, { runs, exact }: ContractOptions): Promise<void> {
  const race = fc.asyncProperty(plans, async ({ seed, writers, limit, byRow }) => {
    const nodes = [await stores.node(seed), await stores.node(seed + 1)]
    const user = unique('u')
    const completed: string[] = []
    let writing = true

    const write = async (batches: readonly number[], writer: number) => {
      const node = nodes[writer % nodes.length]!
      for (const [batch, size] of batches.entries()) {
        const updates = Array.from({ length: size }, (_, n) => ({ user, update: `"w${writer}b${batch}n${n}"` }))
        await retry(() => node.queue.put(updates))
        completed.push(...updates.map(({ update }) => update))
      }
    }
    const chains = await Promise.all(
      nodes.map(async (node) => {
        const start = await retry(() => node.queue.head(user))
        return () => follow(new QueueChain(node, user, start, { limit, byRow }))
      }),
    )
    const follow = async (chain: QueueChain) => {
      const seen = new Map<string, number>()
      let last = false
      let due = 0
      const round = endsWithin(200_000)
      for (;;) {
        round()
        if (chain.begins) {
          last ||= !writing
          due = completed.length
        }
        const page = await chain.read()
        for (const update of updatesIn(page.rows)) seen.set(update, (seen.get(update) ?? 0) + 1)
        if (!page.complete) continue
        for (const update of completed.slice(0, due)) expect(seen.has(update), `${update} was read`).toBe(true)
        if (!last) continue
        if (exact) expect([...seen.values()], 'each row once').toEqual([...seen.values()].map(() => 1))
        return
      }
    }
    const written = Promise.all(writers.map(write)).finally(() => {
      writing = false
    })
    await Promise.all([written, ...chains.map((chain) => chain())])
  })
  await fc.assert(race, { numRuns: runs })
}
