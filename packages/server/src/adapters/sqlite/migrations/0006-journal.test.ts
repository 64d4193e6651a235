import { expect, it } from 'vitest'
import { openForWriting } from '../connection.ts'
import { Heads } from '../heads.ts'
import { Journal } from '../journal.ts'
import { migrate } from '../migrate.ts'
import { migrations } from './all.ts'

it('what waited in the journal of queues before is in the queues', () => {
  const database = openForWriting(':memory:')
  migrate(
    database,
    migrations.filter(({ name }) => name < '0006'),
  )
  const insert = database.prepare(
    'INSERT INTO queue_journal (conversation, first, last, body, at, places) VALUES (?, ?, ?, ?, ?, ?)',
  )
  insert.run(7, 1, 2, null, 100, '[[1,2],[1,1]]')
  insert.run(null, null, null, '{"kind":"read"}', 101, '[[2],[2]]')
  migrate(database, migrations)

  const journal = new Journal(database, new Heads(database))
  const update = { conversation: null, first: null, last: null, body: 'new', seconds: 102, fields: null }
  expect(journal.place({ ...update, users: [1, 2] })).toEqual([2, 3])
  journal.moveAll()
  const rows = database.prepare('SELECT user, position, conversation, first, last, body, at FROM queue').raw().all()
  expect(rows).toEqual([
    [1, 1, 7, 1, 2, null, 100],
    [1, 2, null, null, null, 'new', 102],
    [2, 1, 7, 1, 2, null, 100],
    [2, 2, null, null, null, '{"kind":"read"}', 101],
    [2, 3, null, null, null, 'new', 102],
  ])
  expect(database.prepare('SELECT count(*) FROM journal').pluck().get()).toBe(0)
})
