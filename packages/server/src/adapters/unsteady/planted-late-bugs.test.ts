import { describe, expect, it } from 'vitest'
import type { Clock } from '../../lib/clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { movedTime } from '../../lib/stores.contract.ts'
import { syncQueueRules } from '../../sync/sync-queue.contract.ts'
import type { SyncQueue } from '../../sync/sync-queue.ts'
import { LateRows } from './late-rows.ts'
import { LateSyncQueue } from './late-sync-queue.ts'
import { altered, later } from './planting.contract.ts'

const within = 60

interface Plant {
  /** Clocks are off by up to this share of W. */
  skew?: number
  alter?: (queue: LateSyncQueue, clock: Clock) => Partial<SyncQueue>
}

/** Mistakes of a queue whose rows are late, each of which a rule of the port has to notice. */
const plants: Record<string, Plant> = {
  'the overlap is forgotten: all that is there by now counts as settled': {
    alter: (queue) => ({ late: { ...queue.late, settled: queue.late.latest } }),
  },
  'the overlap is forgotten: it ends now': {
    alter: (queue, clock) => ({
      late: { ...queue.late, settled: () => `t${String(Math.floor(clock.now() * 1000)).padStart(16, '0')}x` },
    }),
  },
  'clocks are twenty times as far apart as they may be': { skew: 5 },
  'a row is seen after its put was answered': {
    alter: (queue) => ({
      put: async (updates) => {
        later(() => queue.put(updates))
        return updates.map(({ user }) => ({ user, position: queue.late.latest() }))
      },
    }),
  },
  'rows follow each other like dense ones': { alter: () => ({ follows: () => true }) },
  'the head is behind all that is on its way': {
    alter: (queue) => ({ head: async () => queue.late.latest() }),
  },
}

function openWith({ skew = 0.25, alter }: Plant) {
  const rows = new LateRows()
  const { clock, ...time } = movedTime()
  const node = async (seed = 0) => {
    const random = seededRandom(seed)
    const off = (random.float() - 0.5) * 2 * skew * within
    const own = { ...clock, now: () => clock.now() + off }
    const queue = new LateSyncQueue(rows, { clock: own, random, within })
    return { queue: alter ? altered<SyncQueue>(queue, alter(queue, own)) : queue }
  }
  return { ...time, node, close: async () => {} }
}

async function noticedBy(plant: Plant): Promise<string | undefined> {
  for (const [rule, check] of Object.entries(syncQueueRules)) {
    const outcome = check(openWith(plant), { runs: 40, exact: false })
    if (
      await outcome.then(
        () => false,
        () => true,
      )
    )
      return rule
  }
  return undefined
}

describe('late sync queue', () => {
  for (const [name, plant] of Object.entries(plants)) {
    it(`is caught: ${name}`, { timeout: 60_000 }, async () => {
      expect(await noticedBy(plant), 'no rule noticed').toBeDefined()
    })
  }

  it('no rule blames one without a mistake', { timeout: 60_000 }, async () => {
    expect(await noticedBy({})).toBeUndefined()
  })
})
