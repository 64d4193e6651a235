import { afterAll, beforeAll, describe } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/random.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { syncQueueRules } from '../../sync/sync-queue.contract.ts'
import { queue } from './migrations/0002-queue.ts'
import { QueueRows } from './queue-rows.ts'
import { QueueTime } from './queue-time.ts'
import { CassandraSyncQueue } from './sync-queue.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'

/** W, ms: clocks may be 400 ms off, a write may take 800. */
const lateness = 1600
const retention = 3_600_000

describe.skipIf(server === '')(`sync queue on Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  beforeAll(async () => {
    keyspace = await makeTestKeyspace([queue])
  })
  afterAll(() => keyspace.remove())

  /** Nodes whose clocks are as far apart as they may be; all of them are moved together. */
  async function open() {
    let ahead = 0
    const now = () => systemClock.now() + ahead
    const node = async (seed = 0) => {
      const off = (seededRandom(seed).float() - 0.5) * (lateness / 2) * 0.9
      const clock = { ...systemClock, now: () => now() + off }
      const time = new QueueTime({ clock, lateness, measure: async () => ({ ahead: off, error: 1 }) })
      await time.measure()
      const rows = new QueueRows(keyspace.connection, time, systemRandom)
      return { queue: new CassandraSyncQueue(keyspace.connection, rows, time, retention) }
    }
    const expire = async (before: number) => {
      ahead += Math.max(0, before + retention - now())
    }
    const pass = async (ms: number) => {
      if (ms > lateness * 3) throw new Error('that takes too long here')
      await realTime.pass(ms)
    }
    return { node, now, pass, expire, close: async () => {} }
  }

  describeContract('in real time', syncQueueRules, open, { runs: 8, exact: false })
})
