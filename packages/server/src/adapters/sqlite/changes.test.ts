import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { created, withDevices } from '../../accounts/fixtures.contract.ts'
import type { Change } from '../../migration/change-log.ts'
import { Talk } from '../../migration/talk.contract.ts'
import { trimStatement, unwatchStatements, watchStatements } from './changes.ts'
import { openForWriting } from './connection.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/all.ts'
import { type MoveSource, openMoveSource } from './move-source.contract.ts'

let source: MoveSource
let mark = 0
beforeEach(async () => {
  source = await openMoveSource()
  mark = 0
})
afterEach(() => source.close())

/** What was written down since this was asked last. */
async function fresh(): Promise<Change[]> {
  const found = await source.changes.since(mark, 1_000)
  mark = found.mark
  const names = [...new Set(found.changes.map(({ kind, key }) => `${kind} ${key}`))]
  return names.sort().map((name) => {
    const [kind, ...key] = name.split(' ')
    return { kind: kind as Change['kind'], key: key.join(' ') }
  })
}

const change = (kind: Change['kind'], key: string): Change => ({ kind, key })

it('is not watched any more once a release brings other tables: a move that was begun begins again', () => {
  const database = openForWriting(':memory:')
  migrate(database, migrations)
  for (const { sql, params } of watchStatements('first')) database.prepare(sql).run(...params)
  database.exec(`CREATE TRIGGER changes_gone AFTER DELETE ON names BEGIN DELETE FROM marks; END`)
  const left = database.prepare(`SELECT name FROM sqlite_master WHERE name LIKE 'changes%'`).pluck()
  migrate(database, migrations)
  expect(left.all().length).toBeGreaterThan(10)
  migrate(database, [...migrations, { name: '9999-more', sql: 'CREATE TABLE more (id INTEGER PRIMARY KEY)' }])
  expect(left.all()).toEqual([])
  expect(database.prepare(`SELECT value FROM marks WHERE name = 'watch'`).get()).toBeUndefined()
})

describe('what changed in the data file since it is watched', () => {
  it('names users whatever of theirs it is', async () => {
    const { id: other } = await created(source)
    const { user, devices } = await withDevices(source)
    expect(await fresh()).toEqual(
      [change('accounts', other), change('accounts', user)].sort((a, b) => (a.key < b.key ? -1 : 1)),
    )
    const deeds: (() => Promise<unknown>)[] = [
      () => source.accounts.change(user, { displayName: 'New' }),
      () => source.devices.seen([{ id: devices[0].id, user, at: 9_000_000_000_000 }]),
      () => source.devices.remove(user, [devices[0].id], 'logged_out'),
      () => source.blocks.add(user, other),
      () => source.blocks.remove(user, other),
      () => source.presence.saveLastOnline([{ user, at: 5 }]),
      () => source.accounts.erase(user, 9),
    ]
    for (const deed of deeds) {
      await deed()
      expect(await fresh(), String(deed)).toEqual([change('accounts', user)])
    }
  })

  it('names conversations, queues, members and cursors', async () => {
    const talk = await Talk.group(source, ['ann', 'bob'])
    await talk.say(source, 'ann', 'hello')
    await fresh()
    const queues = [change('queues', 'ann'), change('queues', 'bob')]
    await talk.say(source, 'ann', 'hello again')
    expect(await fresh()).toEqual([change('logs', talk.id), ...queues])
    await talk.read(source, 'bob', 2)
    expect(await fresh()).toEqual([change('own', `bob ${talk.id}`), change('queues', 'bob')])
    await talk.settle(source, 'bob', { pinned: true })
    expect(await fresh()).toEqual([change('own', `bob ${talk.id}`), change('queues', 'bob')])
    await talk.hide(source, 'ann', 2)
    expect(await fresh()).toEqual([change('own', `ann ${talk.id}`), change('queues', 'ann')])
    for (const upTo of [1, 2]) {
      await talk.receive(source, 'bob', 'delivered', upTo, 1_700_000_000_000)
      expect(await fresh()).toEqual([change('queues', 'ann'), change('receipts', talk.id)])
    }
    for (const position of ['1', '2']) {
      await source.queue.saveCursors([{ device: 'd', user: 'ann', position, lastSeenMessageId: undefined }])
      expect(await fresh()).toEqual([change('cursors', 'ann')])
    }
    await source.queue.removeCursor('ann', 'd')
    expect(await fresh()).toEqual([change('cursors', 'ann')])
    const direct = await Talk.direct(source, 'ann', 'bob')
    expect(await fresh()).toEqual([
      change('logs', direct.id),
      change('own', `ann ${direct.id}`),
      change('own', `bob ${direct.id}`),
    ])
  })

  it('is told in pages, and forgotten when it is said to be done; numbers are never given again', async () => {
    for (let n = 0; n < 5; n++) await created(source)
    const first = await source.changes.since(0, 3)
    expect(first.changes).toHaveLength(3)
    const head = await source.changes.head()
    await source.store.store([trimStatement(head)])
    expect(await source.changes.since(0, 10)).toEqual({ changes: [], mark: 0 })
    const { id } = await created(source)
    const { changes, mark: next } = await source.changes.since(head, 10)
    expect(new Set(changes.map(({ key }) => key))).toEqual(new Set([id]))
    expect(next).toBeGreaterThan(head)
  })

  it('is named once; whoever stops watching leaves nothing behind', async () => {
    await source.store.store(watchStatements('second'))
    expect(await source.changes.watching()).toBe('first')
    await source.store.store(unwatchStatements())
    expect(await source.changes.watching()).toBeUndefined()
    await created(source)
    await source.store.store(watchStatements('third'))
    expect(await source.changes.watching()).toBe('third')
    expect((await source.changes.since(0, 10)).changes).toEqual([])
  })
})
