import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unavailable } from '../../lib/errors.ts'
import { ManualClock } from '../../lib/manual-clock.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { isUnavailable } from '../../lib/stores.contract.ts'
import type { Cql, Statement } from './cql.ts'
import { bucketOf, timeOf } from './positions.ts'
import { QueueRows } from './queue-rows.ts'
import { QueueTime } from './queue-time.ts'

const lateness = 1000

interface Written {
  user: string
  row: string
  pointer: string
  at: number
}

/** Writes take as long as they are told. */
async function open(delays: number[] = []) {
  const clock = new ManualClock()
  const rows: Written[] = []
  const named = new Set<string>()
  const batches: (readonly Statement[])[] = []
  const take = async (statements: readonly Statement[]) => {
    batches.push(statements)
    const delay = delays.shift() ?? 1
    await new Promise<void>((resolve) => clock.after(Math.abs(delay), resolve))
    if (delay < 0) throw unavailable('lost')
    for (const { query, params } of statements) {
      const [user, bucket, row, pointer] = params as [string, number, string, string]
      if (query.startsWith('INSERT INTO queue_buckets')) named.add(`${user} ${bucket}`)
      else if (query.startsWith('INSERT INTO queue ')) {
        expect(bucketOf(row)).toBe(bucket)
        rows.push({ user, row, pointer, at: clock.monotonic() })
      }
    }
  }
  const cql: Cql = {
    execute: (statement) => take([statement]).then(() => []),
    batch: (statements) => take(statements),
  }
  const time = new QueueTime({ clock, lateness, measure: async () => ({ ahead: 0, error: 0 }) })
  await time.measure()
  const queue = new QueueRows(cql, time, seededRandom(1))
  const done = async <T>(work: Promise<T>): Promise<T> => {
    const settled = work.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    )
    await clock.advance(10 * lateness)
    const outcome = await settled
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }
  return { clock, queue, rows, named, batches, done }
}

const entries = (from: number, to: number) => ({ kind: 'entries' as const, conversation: 'c', from, to })

describe('rows of sync queues', () => {
  it('a write that took longer than half of W is made again with a new time before it is answered', async () => {
    const { queue, rows, done } = await open([501, 499])
    const { places, time } = await done(queue.place([{ users: ['ann'], pointer: entries(1, 1) }], 0))
    expect(rows.map(({ row }) => row)).toHaveLength(2)
    expect(places).toEqual([{ user: 'ann', position: rows[1]!.row }])
    expect(timeOf(rows[1]!.row) - timeOf(rows[0]!.row)).toBe(501_000)
    expect(time).toBe(timeOf(rows[1]!.row))
  })

  it('one that always takes too long is unknown in the end, and so is one that is lost', async () => {
    for (const delays of [
      [600, 600, 600, 600],
      [-1, 1],
    ]) {
      const { queue, done } = await open(delays)
      await expect(done(queue.put([{ user: 'ann', pointer: entries(1, 1) }]))).rejects.toSatisfy(isUnavailable)
    }
  })

  it('I3: group after group, no row before those of the group before, whatever each took', async () => {
    const plan = fc.record({
      groups: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
      delays: fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 12 }),
      ahead: fc.nat(400_000),
    })
    await fc.assert(
      fc.asyncProperty(plan, async ({ groups, delays, ahead }) => {
        const { queue, rows, done, clock } = await open(delays)
        const after = clock.now() * 1000 + ahead
        const given = groups.map((count, index) => ({
          users: Array.from({ length: count }, (_, n) => `u${n}`),
          pointer: entries(index + 1, index + 1),
        }))
        const placed = await done(queue.place(given, after)).catch((error: unknown) => error)
        if (isUnavailable(placed)) return
        const { places, time } = placed as Awaited<ReturnType<typeof queue.place>>
        expect(places.map(({ user }) => user)).toEqual(given.flatMap(({ users }) => users))
        for (const { row } of rows) expect(timeOf(row)).toBeGreaterThan(after)
        const last = new Map<string, string>()
        for (const { user, position } of places) {
          expect(position > (last.get(user) ?? '')).toBe(true)
          last.set(user, position)
          const row = rows.findLast((one) => one.user === user && one.row === position)!
          expect(row.at - (timeOf(position) / 1000 - clock.now() + clock.monotonic())).toBeLessThanOrEqual(lateness / 2)
        }
        expect(time).toBe(Math.max(...places.map(({ position }) => timeOf(position))))
      }),
      { numRuns: 500 },
    )
  })

  it('names each partition before a row in it is answered, and once', async () => {
    const { queue, named, batches, done, clock } = await open()
    const group = { users: ['ann', 'bob'], pointer: entries(1, 1) }
    await done(queue.place([group], 0))
    const hours = bucketOf(`${(clock.now() * 1000).toString(36)}-w`)
    expect(named).toEqual(new Set([`ann ${hours}`, `bob ${hours}`]))
    batches.length = 0
    await done(queue.place([group], 0))
    expect(batches.flat()).toHaveLength(2)
    await clock.advance(3 * 3_600_000)
    await done(queue.put([{ user: 'ann', pointer: entries(2, 2) }]))
    expect(named.size).toBe(3)
  })

  it('150 members cost fifteen messages to the engine; none is large', async () => {
    const { queue, batches, done } = await open()
    const users = Array.from({ length: 150 }, (_, n) => `user${n}`)
    await done(queue.place([{ users, pointer: entries(1, 1) }], 0))
    expect(batches).toHaveLength(15)
    batches.length = 0
    await done(queue.put(users.map((user) => ({ user, pointer: { kind: 'update', update: `"${'x'.repeat(500)}"` } }))))
    for (const statements of batches) expect(JSON.stringify(statements).length).toBeLessThan(9_000)
  })

  it('what is the user’s own is written with its row, at its time, again when that is', async () => {
    const { queue, batches, done } = await open([600, 1])
    const times: number[] = []
    const place = await done(
      queue.placeWith('ann', entries(1, 1), (time, position) => {
        times.push(time)
        return [{ query: 'UPDATE own', params: [position, time] }]
      }),
    )
    expect(batches.map(([own]) => own!.params)).toEqual(
      times.map((time, index) => [batches[index]![1]!.params[2], time]),
    )
    expect(timeOf(place.position)).toBe(times[1])
  })
})
