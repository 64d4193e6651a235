import fc from 'fast-check'
import { expect } from 'vitest'
import { eventually, type Rules, type TestStores, unique } from '../lib/stores.contract.ts'
import type { Coordinator, NodeInfo } from './coordinator.ts'

export interface CoordinatorNode {
  coordinator: Coordinator
}

export interface ClusterNode extends CoordinatorNode {
  /** The cluster takes the node for dead, as after a long silence; the node comes back by itself a little later. */
  expire(): Promise<void>
}

const info = (id: string): NodeInfo => ({
  id,
  url: `http://${id}`,
  link: `ws://${id}:1`,
  roles: ['chat', 'api'],
  sessions: 0,
  draining: false,
})

async function twoNodes(stores: TestStores<ClusterNode>): Promise<[ClusterNode, ClusterNode]> {
  return [await stores.node(1), await stores.node(2)]
}

async function twoCoordinators(stores: TestStores<ClusterNode>): Promise<[Coordinator, Coordinator]> {
  const [one, other] = await twoNodes(stores)
  return [one.coordinator, other.coordinator]
}

const seenBy = (coordinator: Coordinator, ids: readonly string[]): string[] =>
  coordinator
    .nodes()
    .map(({ id }) => id)
    .filter((id) => ids.includes(id))
    .sort()

/** What every coordinator promises to a node, also when it is alone. */
export const coordinatorRules: Rules<CoordinatorNode> = {
  'gives a worker number and keeps it': async (stores) => {
    const { coordinator } = await stores.node()
    const lease = await coordinator.lease()
    expect(Number.isInteger(lease.worker)).toBe(true)
    expect(lease.worker).toBeGreaterThanOrEqual(0)
    expect(lease.worker).toBeLessThan(1024)
    expect(lease.held()).toBe(true)
    expect(lease.floor()).toBeLessThanOrEqual(lease.ceiling())
    expect(await coordinator.lease()).toBe(lease)
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
        const floor = lease.floor()
        expect([floor, lease.ceiling()]).toEqual([highest, highest])
        for (const { by, together } of raises) {
          const wanted = Array.from({ length: together }, (_, index) => Math.max(1, highest + by - index))
          await Promise.all(wanted.map((ceiling) => lease.raise(ceiling)))
          highest = Math.max(highest, ...wanted)
          expect([lease.floor(), lease.ceiling()]).toEqual([floor, highest])
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
    await Promise.all([3, 2, 1].map((sessions) => coordinator.announce({ ...info(id), sessions })))
    await eventually(stores, async () => {
      expect(coordinator.nodes().find((node) => node.id === id)).toEqual({ ...info(id), sessions: 1 })
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
export const clusterRules: Rules<ClusterNode> = {
  'I8: no two nodes hold the same worker number': async (stores) => {
    const [one, other] = await twoCoordinators(stores)
    const leases = [await one.lease(), await other.lease()]
    expect(leases[0]?.worker).not.toBe(leases[1]?.worker)
    expect(leases.every((lease) => lease.held())).toBe(true)
    await one.close()
    await eventually(stores, async () => expect(leases[0]?.held()).toBe(false))
    expect(leases[1]?.held()).toBe(true)
    await other.close()
  },

  'a lost lease can raise nothing': async (stores) => {
    const [one, other] = await twoCoordinators(stores)
    const lease = await one.lease()
    await lease.raise(1000)
    await one.close()
    await eventually(stores, async () => expect(lease.held()).toBe(false))
    await expect(lease.raise(9000)).rejects.toThrow()
    await other.close()
  },

  'nodes see each other, and see who is gone': async (stores) => {
    const [one, other] = await twoCoordinators(stores)
    const ids = [unique('n'), unique('n')].sort() as [string, string]
    await one.announce(info(ids[0]))
    await other.announce(info(ids[1]))
    await eventually(stores, async () => expect([seenBy(one, ids), seenBy(other, ids)]).toEqual([ids, ids]))
    await one.close()
    await eventually(stores, async () => expect(seenBy(other, ids)).toEqual([ids[1]]))
    await other.close()
  },

  'one node leads a task; when it is gone, another does': async (stores) => {
    const nodes = await twoCoordinators(stores)
    const leaders = (): Coordinator[] => nodes.filter((node) => node.leads('janitor'))
    await eventually(stores, async () => expect(leaders().length).toBe(1))
    const [leader] = leaders() as [Coordinator]
    await leader.close()
    const [follower] = nodes.filter((node) => node !== leader) as [Coordinator]
    await eventually(stores, async () => expect(follower.leads('janitor')).toBe(true))
    expect(leader.leads('janitor')).toBe(false)
    await follower.close()
  },

  'tells listeners when nodes come, change and go, until they want no more': async (stores) => {
    const [one, other] = await twoCoordinators(stores)
    const id = unique('n')
    const seen: string[] = []
    const end = other.onChange(() => {
      const node = other.nodes().find((info) => info.id === id)
      const state = node === undefined ? 'gone' : node.draining ? 'draining' : 'here'
      if (seen.at(-1) !== state) seen.push(state)
    })
    await one.announce(info(id))
    await eventually(stores, async () => expect(seen.at(-1)).toBe('here'))
    await one.announce({ ...info(id), draining: true })
    await eventually(stores, async () => expect(seen.at(-1)).toBe('draining'))
    await one.close()
    await eventually(stores, async () => expect(seen.at(-1)).toBe('gone'))
    end()
    const count = seen.length
    await other.announce(info(id))
    await eventually(stores, async () => expect(seenBy(other, [id])).toEqual([id]))
    expect(seen.length).toBe(count)
    await other.close()
  },

  'a node that was taken for dead comes back by itself, with what it announced last': async (stores) => {
    const [one, other] = await twoNodes(stores)
    const id = unique('n')
    await one.coordinator.announce({ ...info(id), sessions: 3 })
    await eventually(stores, async () => expect(seenBy(other.coordinator, [id])).toEqual([id]))
    const gone = new Promise<void>((resolve) => {
      other.coordinator.onChange(() => {
        if (seenBy(other.coordinator, [id]).length === 0) resolve()
      })
    })
    await one.expire()
    await gone
    await eventually(stores, async () => {
      const all = [one, other].map(({ coordinator }) => coordinator.nodes().find((node) => node.id === id))
      expect(all).toEqual([
        { ...info(id), sessions: 3 },
        { ...info(id), sessions: 3 },
      ])
    })
    for (const { coordinator } of [one, other]) await coordinator.close()
  },

  'I8: a lost lease is taken anew: nobody holds the same number, and nobody makes ids below the floor': async (
    stores,
  ) => {
    const [one, other] = await twoNodes(stores)
    const lease = await one.coordinator.lease()
    await lease.raise(7000)
    const { worker } = lease
    await one.expire()
    const next = await other.coordinator.lease()
    await eventually(stores, async () => expect([lease.held(), next.held()]).toEqual([true, true]))
    expect(lease.worker).not.toBe(next.worker)
    if (next.worker === worker) expect(next.floor()).toBeGreaterThanOrEqual(7000)
    else expect(lease.ceiling()).toBeGreaterThanOrEqual(7000)
    await lease.raise(9000)
    await next.raise(9000)
    for (const { coordinator } of [one, other]) await coordinator.close()
  },

  'I8: whose number nobody took meanwhile goes on where it was': async (stores) => {
    const node = await stores.node()
    const lease = await node.coordinator.lease()
    await lease.raise(50_000)
    const before = [lease.worker, lease.floor(), lease.ceiling()]
    await node.expire()
    await eventually(stores, async () => expect(lease.held()).toBe(true))
    expect([lease.worker, lease.floor(), lease.ceiling()]).toEqual(before)
    await node.coordinator.close()
  },

  'never two leaders, whoever is taken for dead': async (stores) => {
    const nodes = await twoNodes(stores)
    const leaders = (): ClusterNode[] => nodes.filter(({ coordinator }) => coordinator.leads('janitor'))
    for (let round = 0; round < 3; round++) {
      await eventually(stores, async () => expect(leaders().length).toBe(1))
      await leaders()[0]?.expire()
      expect(leaders().length).toBeLessThanOrEqual(1)
    }
    await eventually(stores, async () => expect(leaders().length).toBe(1))
    for (const { coordinator } of nodes) await coordinator.close()
  },
}
