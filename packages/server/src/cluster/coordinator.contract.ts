import fc from 'fast-check'
import { expect } from 'vitest'
import { eventually, type Rules, type TestStores, unique } from '../lib/stores.contract.ts'
import type { Coordinator, NodeInfo } from './coordinator.ts'

export interface CoordinatorNode {
  coordinator: Coordinator
}

const info = (id: string): NodeInfo => ({ id, url: `http://${id}`, sessions: 0, draining: false })

async function twoNodes(stores: TestStores<CoordinatorNode>): Promise<[Coordinator, Coordinator]> {
  const [one, other] = [await stores.node(1), await stores.node(2)]
  return [one.coordinator, other.coordinator]
}

/** What every coordinator promises to a node, also when it is alone. */
export const coordinatorRules: Rules<CoordinatorNode> = {
  'gives a worker number and keeps it': async (stores) => {
    const { coordinator } = await stores.node()
    const lease = await coordinator.lease()
    expect(Number.isInteger(lease.worker)).toBe(true)
    expect(lease.worker).toBeGreaterThanOrEqual(0)
    expect(lease.worker).toBeLessThan(1024)
    expect(lease.held()).toBe(true)
    await coordinator.close()
  },

  'I8: the next owner of a worker number starts at the ceiling of the one before': async (stores, { runs }) => {
    const byWorker = new Map<number, number>()
    const raise = fc.record({ by: fc.integer({ min: -5000, max: 5000 }), together: fc.integer({ min: 1, max: 3 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(raise, { minLength: 1, maxLength: 6 }), async (raises) => {
        const { coordinator } = await stores.node()
        const lease = await coordinator.lease()
        let highest = byWorker.get(lease.worker) ?? 0
        expect(lease.ceiling()).toBeGreaterThanOrEqual(highest)
        for (const { by, together } of raises) {
          const wanted = Array.from({ length: together }, (_, index) => Math.max(1, highest + by - index))
          await Promise.all(wanted.map((ceiling) => lease.raise(ceiling)))
          highest = Math.max(highest, ...wanted)
          expect(lease.ceiling()).toBe(highest)
        }
        byWorker.set(lease.worker, highest)
        await coordinator.close()
      }),
      { numRuns: Math.min(runs, 50) },
    )
  },

  'tells of oneself, as announced last': async (stores) => {
    const { coordinator } = await stores.node()
    const id = unique('n')
    await coordinator.announce(info(id))
    await coordinator.announce({ ...info(id), sessions: 7, draining: true })
    await eventually(stores, async () => {
      const own = coordinator.nodes().filter((node) => node.id === id)
      expect(own).toEqual([{ ...info(id), sessions: 7, draining: true }])
    })
    await coordinator.close()
  },

  'a node that is alone leads': async (stores) => {
    const { coordinator } = await stores.node()
    await eventually(stores, async () => expect(coordinator.leads('janitor')).toBe(true))
    await coordinator.close()
  },
}

/** What a coordinator of several nodes promises besides. */
export const clusterRules: Rules<CoordinatorNode> = {
  'I8: no two nodes hold the same worker number': async (stores) => {
    const [one, other] = await twoNodes(stores)
    const leases = [await one.lease(), await other.lease()]
    expect(leases[0]?.worker).not.toBe(leases[1]?.worker)
    expect(leases.every((lease) => lease.held())).toBe(true)
    await one.close()
    await eventually(stores, async () => expect(leases[0]?.held()).toBe(false))
    expect(leases[1]?.held()).toBe(true)
    await other.close()
  },

  'a lost lease can raise nothing': async (stores) => {
    const [one, other] = await twoNodes(stores)
    const lease = await one.lease()
    await lease.raise(1000)
    await one.close()
    await eventually(stores, async () => expect(lease.held()).toBe(false))
    await expect(lease.raise(9000)).rejects.toThrow()
    await other.close()
  },

  'nodes see each other, and see who is gone': async (stores) => {
    const [one, other] = await twoNodes(stores)
    const ids = [unique('n'), unique('n')].sort() as [string, string]
    await one.announce(info(ids[0]))
    await other.announce(info(ids[1]))
    const seenBy = (coordinator: Coordinator): string[] =>
      coordinator
        .nodes()
        .map(({ id }) => id)
        .filter((id) => ids.includes(id))
        .sort()
    await eventually(stores, async () => expect([seenBy(one), seenBy(other)]).toEqual([ids, ids]))
    await one.close()
    await eventually(stores, async () => expect(seenBy(other)).toEqual([ids[1]]))
    await other.close()
  },

  'one node leads a task; when it is gone, another does': async (stores) => {
    const nodes = await twoNodes(stores)
    const leaders = (): Coordinator[] => nodes.filter((node) => node.leads('janitor'))
    await eventually(stores, async () => expect(leaders().length).toBe(1))
    const [leader] = leaders() as [Coordinator]
    await leader.close()
    const [follower] = nodes.filter((node) => node !== leader) as [Coordinator]
    await eventually(stores, async () => expect(follower.leads('janitor')).toBe(true))
    expect(leader.leads('janitor')).toBe(false)
    await follower.close()
  },
}
