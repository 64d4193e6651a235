import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openForWriting } from './connection.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { QueueJournal } from './queue-journal.ts'
import { QueueRows } from './queue-rows.ts'

const users = 40

/** The store thread and what the main thread knows of its journal, over a file in memory. */
function openQueue() {
  const database = openForWriting(':memory:')
  migrate(database, migrations)
  let rows = new QueueRows(database)
  const journal = new QueueJournal()
  const placed = new Map<number, number>()
  let seconds = 0
  const read = database.prepare<[number], number>('SELECT position FROM queue WHERE user = ? ORDER BY position').pluck()
  return {
    /** One commit that places a row for each of `members`, `times` times; rolled back when `refused`. */
    commit(members: readonly number[], times: number, refused = false): void {
      seconds += 0.1
      database.exec('BEGIN')
      const updates: [string, string][] = []
      const positions: number[] = []
      for (let time = 0; time < times; time++) {
        const place = { conversation: null, first: null, last: null, body: 'x', seconds }
        positions.push(...rows.place(members, place))
        for (const member of members) updates.push([String(member), 'x'])
      }
      const moved = rows.moveSome(seconds)
      if (refused) {
        database.exec('ROLLBACK')
        rows.reload()
        return
      }
      database.exec('COMMIT')
      journal.committed([{ type: 'put', rows: updates, statements: [] }], [positions], moved)
      for (const member of members) placed.set(member, (placed.get(member) ?? 0) + times)
    },
    restart(): void {
      rows = new QueueRows(database)
      rows.moveAll()
    },
    inQueue: (user: number): number[] => read.all(user),
    inJournal: (user: number): number[] => journal.behind(String(user), 0).map(([position]) => position),
    placed,
  }
}

const members = fc.uniqueArray(fc.integer({ min: 1, max: users }), { minLength: 1 })
const commit = fc.record({ members, times: fc.integer({ min: 1, max: 30 }), refused: fc.boolean() })

it('every row is in the journal at hand or in the queue, whatever is moved and refused', () => {
  fc.assert(
    fc.property(fc.array(commit, { maxLength: 40 }), (commits) => {
      const queue = openQueue()
      for (const { members, times, refused } of commits) {
        queue.commit(members, times, refused)
        for (const [user, count] of queue.placed) {
          const stored = queue.inQueue(user)
          const seen = [...stored, ...queue.inJournal(user).filter((position) => position > (stored.at(-1) ?? 0))]
          expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1))
        }
      }
    }),
    { numRuns: 100 },
  )
})

it('after a crash half way through a move each row is there once', () => {
  const queue = openQueue()
  const everybody = Array.from({ length: users }, (_, index) => index + 1)
  for (let commit = 0; commit < 12; commit++) queue.commit(everybody, 4)
  const before = everybody.reduce((sum, user) => sum + queue.inQueue(user).length, 0)
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(12 * 4 * users)
  queue.restart()
  for (const user of everybody) expect(queue.inQueue(user)).toEqual(Array.from({ length: 48 }, (_, index) => index + 1))
  queue.commit([7], 1)
  expect(queue.inQueue(7).at(-1)).toBe(49)
})
