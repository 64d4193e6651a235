import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { systemRandom } from '../../lib/random.ts'
import { unique } from '../../lib/stores.contract.ts'
import { readQueue, updatesIn } from '../../sync/queue-reading.contract.ts'
import type { Cql, Statement } from './cql.ts'
import { queue } from './migrations/0002-queue.ts'
import { CassandraQueueImport } from './queue-move.ts'
import { QueueRows } from './queue-rows.ts'
import { QueueTime } from './queue-time.ts'
import { CassandraSyncQueue } from './sync-queue.ts'
import { makeTestKeyspace, missing, server, type TestKeyspace } from './test-keyspace.contract.ts'

const hour = 3_600_000
const day = 24 * hour

describe.skipIf(server === '')(`partitions of queues on Cassandra${missing}`, () => {
  let keyspace: TestKeyspace
  beforeAll(async () => {
    keyspace = await makeTestKeyspace([queue])
  })
  afterAll(() => keyspace.remove())

  /** A node whose clock goes as it is told, and the statements that it sends. */
  async function openNode() {
    let ahead = 0
    const sent: string[] = []
    const cql: Cql = {
      execute: (statement: Statement) => {
        sent.push(statement.query)
        return keyspace.connection.execute(statement)
      },
      batch: (statements, kind) => keyspace.connection.batch(statements, kind),
    }
    const clock = { ...systemClock, now: () => systemClock.now() + ahead }
    const time = new QueueTime({ clock, lateness: 10_000, measure: async () => ({ ahead: 0, error: 1 }) })
    await time.measure()
    const node = { queue: new CassandraSyncQueue(cql, new QueueRows(cql, time, systemRandom), time) }
    const pass = async (ms: number) => {
      ahead += ms
      await time.measure()
    }
    const put = async (user: string, ...names: string[]) => {
      for (const name of names) await node.queue.put([{ user, update: `"${name}"` }])
    }
    return { node, pass, put, sent, moved: new CassandraQueueImport(cql, clock), now: clock.now }
  }

  it('a live session asks one partition, a long absence those in use', async () => {
    const { node, pass, put, sent } = await openNode()
    const user = unique('u')
    await put(user, 'a')
    const start = await node.queue.head()
    sent.length = 0
    await node.queue.read(user, start, 100)
    expect(sent.length).toBeLessThanOrEqual(2)
    expect(sent.some((query) => query.includes('queue_buckets'))).toBe(false)
    await pass(5 * day)
    await put(user, 'b', 'c')
    await pass(9 * day)
    await put(user, 'd')
    sent.length = 0
    const { rows } = await readQueue(node, user, start)
    expect(updatesIn(rows)).toEqual(['"a"', '"b"', '"c"', '"d"'])
    expect(sent.length, 'the list, and three partitions').toBeLessThanOrEqual(4)
  }, 30_000)

  it('Y1: whatever the hours between, and however small the pages: each row once, in order', async () => {
    const plans = fc.record({
      gaps: fc.array(fc.oneof(fc.nat(60_000), fc.nat(3 * hour), fc.nat(2 * day)), { minLength: 1, maxLength: 10 }),
      limit: fc.integer({ min: 1, max: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(plans, async ({ gaps, limit }) => {
        const { node, pass, put } = await openNode()
        const user = unique('u')
        const start = await node.queue.head()
        for (const [index, gap] of gaps.entries()) {
          await pass(gap)
          await put(user, `u${index}`)
        }
        const { rows } = await readQueue(node, user, start, limit)
        expect(updatesIn(rows)).toEqual(gaps.map((_, index) => `"u${index}"`))
        for (const [index, row] of rows.entries()) {
          const { rows: behind } = await readQueue(node, user, row.position, limit)
          expect(updatesIn(behind)).toEqual(updatesIn(rows.slice(index + 1)))
        }
      }),
      { numRuns: 15 },
    )
  }, 60_000)

  it('Y4: after 30 days a cursor is gone, before that it gets everything', async () => {
    const { node, pass, put } = await openNode()
    const user = unique('u')
    const start = await node.queue.head()
    await put(user, 'a')
    await pass(30 * day - hour)
    await put(user, 'b')
    expect(updatesIn((await readQueue(node, user, start)).rows)).toEqual(['"a"', '"b"'])
    await pass(hour)
    expect(await node.queue.read(user, start, 10)).toBeUndefined()
  })

  describe('rows that come from one process', () => {
    const rowsFrom = (first: number, last: number, at: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => ({
        position: String(first + index),
        pointer: { kind: 'update' as const, update: `"old${first + index}"` },
        at,
      }))

    it('keep their positions, before all that is new: every cursor goes on', async () => {
      const { node, put, moved, now } = await openNode()
      const user = unique('u')
      const old = rowsFrom(9_990, 10_020, now() - day)
      await moved.write(user, old)
      await moved.write(user, old)
      await moved.finish(user, '10020')
      await put(user, 'new1', 'new2')
      for (const cursor of [9_989, 9_999, 10_000, 10_019, 10_020]) {
        const { rows } = await readQueue(node, user, String(cursor), 7)
        const due = old.filter(({ position }) => Number(position) > cursor)
        expect(updatesIn(rows)).toEqual([...due.map(({ pointer }) => pointer.update), '"new1"', '"new2"'])
        for (const { position } of rows) expect(node.queue.compare(String(cursor), position)).toBeLessThan(0)
      }
      const { rows } = await readQueue(node, user, '10019')
      expect(rows[0]).toMatchObject({ position: '10020', before: '10019' })
    })

    it('Y4: a cursor before what was moved is told so, and so is one that never was', async () => {
      const { node, put, moved, now } = await openNode()
      const user = unique('u')
      await moved.write(user, rowsFrom(50, 60, now() - day))
      await moved.finish(user, '60')
      await put(user, 'new')
      for (const cursor of ['0', '48', '61', '1000000']) {
        expect(await node.queue.read(user, cursor, 10), cursor).toBeUndefined()
      }
      expect(updatesIn((await readQueue(node, user, '49')).rows)).toHaveLength(12)
      const stranger = unique('u')
      expect(await node.queue.read(stranger, '7', 10)).toBeUndefined()
    })

    it('a user without any rows begins at 0', async () => {
      const { node, put, moved } = await openNode()
      const user = unique('u')
      await moved.finish(user, '0')
      expect(await node.queue.read(user, '0', 10)).toMatchObject({ rows: [], complete: true })
      await put(user, 'new')
      expect(updatesIn((await readQueue(node, user, '0')).rows)).toEqual(['"new"'])
    })

    it('expire as old as they are', async () => {
      const { node, moved, now } = await openNode()
      const user = unique('u')
      await moved.write(user, [...rowsFrom(1, 3, now() - 31 * day), ...rowsFrom(4, 6, now() - 31 * day + 2_000)])
      await moved.finish(user, '6')
      await expect.poll(async () => (await node.queue.read(user, '3', 10)) === undefined, { timeout: 8_000 }).toBe(true)
      expect(await node.queue.read(user, '6', 10)).toMatchObject({ rows: [], complete: true })
    })

    it('cursors move on from their numbers to times, and never back', async () => {
      const { node, put } = await openNode()
      const user = unique('u')
      const at = (position: string, last?: string) => ({ device: 'd', user, position, lastSeenMessageId: last })
      await node.queue.saveCursors([at('17', '5')])
      await node.queue.saveCursors([at('16', '4')])
      expect(await node.queue.cursors(user)).toEqual([at('17', '5')])
      await put(user, 'new')
      const [row] = (await readQueue(node, user, await node.queue.head())).rows
      await node.queue.saveCursors([at(row!.position)])
      await node.queue.saveCursors([at('16', '4')])
      expect(await node.queue.cursors(user)).toEqual([at(row!.position, '5')])
    })
  })
})
