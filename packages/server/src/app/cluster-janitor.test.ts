import { expect, it } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { Janitor } from './janitor.ts'
import { openMemoryCluster } from './memory-cluster.contract.ts'

/** Three nodes with a janitor each; what the janitors do is noted. */
async function open() {
  const world = await openMemoryCluster(['a', 'b', 'c'], { c: ['chat'] })
  const done: string[] = []
  for (const { id, ports, cluster } of world.nodes) {
    const { queue, log, revocations } = ports
    queue.trim = async () => {
      done.push(`${id} trims`)
      return 0
    }
    log.completeLeft = async (live) => {
      done.push(`${id} completes what is not of ${[...live].toSorted().join(' ')}`)
      return 0
    }
    if (id !== 'c') new Janitor({ queue, log, revocations, clock: world.clock, logger: silentLogger, cluster }).start()
  }
  return { ...world, done }
}

it('one node clears away for all; when it is gone another does', async () => {
  const { done, clock, node } = await open()
  await clock.advance(60_100)
  expect(done).toEqual(['a completes what is not of a b c', 'a trims'])
  done.length = 0
  node(0).kill()
  await clock.advance(60_100)
  expect(new Set(done)).toEqual(new Set(['b completes what is not of b c', 'b trims']))
})

it('I15: what a dead node left is completed soon, by the one that leads', async () => {
  const { done, clock, node } = await open()
  node(2).kill()
  await clock.advance(4000)
  expect(done).toEqual([])
  await clock.advance(2000)
  expect(done).toEqual(['a completes what is not of a b'])
})
