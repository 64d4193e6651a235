import { describe, expect, it } from 'vitest'
import { clusterRules, coordinatorRules } from '../../cluster/coordinator.contract.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { MemoryCluster, MemoryCoordinator } from './coordinator.ts'

async function open() {
  const cluster = new MemoryCluster()
  const node = async () => {
    const coordinator = new MemoryCoordinator(cluster)
    const expire = async () => {
      coordinator.expire()
      void realTime.pass(20).then(() => coordinator.rejoin())
    }
    return { coordinator, expire }
  }
  return { ...realTime, node, close: async () => {} }
}

const options = { runs: 50, exact: true }
describeContract('coordinator in memory', coordinatorRules, open, options)
describeContract('coordinator of several nodes in memory', clusterRules, open, options)

describe('a node that is taken for dead', () => {
  it('loses its lease while it does not know, and its number goes to another', async () => {
    const cluster = new MemoryCluster()
    const [one, other] = [new MemoryCoordinator(cluster), new MemoryCoordinator(cluster)]
    const lost = await one.lease()
    await lost.raise(5000)
    one.expire()
    expect([lost.held(), one.leads('janitor')]).toEqual([false, false])
    const next = await other.lease()
    expect([next.worker, next.floor(), next.ceiling()]).toEqual([0, 5000, 5000])
    await expect(lost.raise(9000)).rejects.toThrow('lost')
    expect(next.ceiling()).toBe(5000)
    one.rejoin()
    expect([lost.held(), lost.worker, lost.floor()]).toEqual([true, 1, 0])
  })
})
