import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { account, created, device } from '../../accounts/fixtures.contract.ts'
import { missing, nodesOver, query, server, TestDatabases } from './test-databases.contract.ts'

describe.skipIf(server === '')(`users spread over databases${missing}`, () => {
  let databases: TestDatabases
  beforeAll(async () => {
    databases = await TestDatabases.make(3)
  })
  afterAll(() => databases.remove())

  const opened = async <T>(urls: readonly string[], use: (node: Node) => Promise<T>): Promise<T> => {
    const { node, close } = nodesOver(urls.join())
    try {
      return await use(await node())
    } finally {
      await close()
    }
  }
  type Node = Awaited<ReturnType<ReturnType<typeof nodesOver>['node']>>
  const refused = (urls: readonly string[]) => expect(opened(urls, async () => {})).rejects
  const fresh = () => databases.fresh().split(',') as [string, string, string]
  const label = (url: string) => `${new URL(url).host}${new URL(url).pathname}`

  it('are in all of them, and each is found whatever order they are named in', async () => {
    const [a, b, c] = fresh()
    const users = await opened([a, b, c], (node) => Promise.all(Array.from({ length: 60 }, () => created(node))))
    for (const url of [a, b, c]) {
      const [row] = await query<{ users: number; names: number }>(
        url,
        'SELECT (SELECT count(*) FROM users)::int AS users, (SELECT count(*) FROM usernames)::int AS names',
      )
      for (const count of [row?.users, row?.names]) expect(count).toBeGreaterThan(5)
    }
    await opened([c, a, b], async (node) => {
      for (const one of users) expect(await node.accounts.byUsername(one.username)).toEqual(one)
      expect((await node.accounts.byIds(users.map(({ id }) => id))).length).toBe(users.length)
    })
  })

  it('are not lost when one of them is left out, added, changed or named twice: it is refused', async () => {
    const [a, b, c] = fresh()
    await opened([a, b], async () => {})
    await refused([a]).toThrow(
      `spread over 2 databases, for good; DATABASE_URL names one database. Missing is the one that was at ${label(b)}.`,
    )
    await refused([a, b, c]).toThrow(`DATABASE_URL names 3 databases. ${label(c)} is not one of them.`)
    await refused([c, b]).toThrow(`Missing is the one that was at ${label(a)}. ${label(c)} is not one of them.`)
    await refused([a, b, a]).toThrow(`names one database twice, or a copy of it: ${label(a)} and ${label(a)}.`)
    // What was refused took nothing: the third can still be another service's.
    await opened([c], async () => {})
    await refused([a, c]).toThrow('is not one of them')
    await opened([a, b], async () => {})
  })

  it('are spread one way when several nodes start first, each with another order', async () => {
    const [a, b, c] = fresh()
    const orders = [
      [a, b, c],
      [c, b, a],
      [b, a, c],
    ]
    const nodes = orders.map((urls) => nodesOver(urls.join()))
    const open = await Promise.all(nodes.map(({ node }) => node()))
    const users = await Promise.all(Array.from({ length: 30 }, (_, index) => created(open[index % 3] as Node)))
    for (const node of open) for (const one of users) expect(await node.accounts.byUsername(one.username)).toEqual(one)
    await Promise.all(nodes.map(({ close }) => close()))
  })

  it('are spread to the end by the next start when the first one died half way', async () => {
    const [a, b, c] = fresh()
    const user = await opened([a, b, c], (node) => created(node))
    await query(b, 'DELETE FROM slots')
    await opened([b, c, a], async (node) => expect(await node.accounts.byUsername(user.username)).toEqual(user))
    expect(await query(b, 'SELECT 1 FROM slots')).toHaveLength(3)
  })

  it('a database of a later release is left alone', async () => {
    const [a] = fresh()
    await opened([a], async () => {})
    await query(a, `INSERT INTO migrations (name) VALUES ('9999-later')`)
    await refused([a]).toThrow(`PostgreSQL at ${label(a)}: it was written by a later release (9999-later).`)
  })

  it('a database that cannot be reached is named, its password is not', async () => {
    const url = new URL(server)
    url.pathname = '/parley_no_such_database'
    const { password } = url
    const error = await opened([url.href], async () => {}).catch((one: Error) => one)
    expect(String(error)).toContain('parley_no_such_database')
    url.password = 'wrong-secret'
    url.username = 'parley_nobody'
    const other = await opened([url.href], async () => {}).catch((one: Error) => one)
    expect(String(other)).toMatch(/authentication|does not exist/)
    for (const secret of [`:${password}@`, 'wrong-secret']) expect(`${error} ${other}`).not.toContain(secret)
  })

  describe('a username', () => {
    it('whose account never came can be taken an hour later, not before', async () => {
      const [a] = fresh()
      await opened([a], async (node) => {
        const [dead, next] = [account('wanted'), account('wanted')]
        await query(a, 'INSERT INTO usernames (username, user_id) VALUES ($1, $2)', ['wanted', dead.id])
        expect(await node.accounts.create(next)).toBe(false)
        expect(await node.accounts.createAll([next])).toEqual([false])
        await query(a, `UPDATE usernames SET reserved_at = now() - interval '61 min'`)
        expect(await node.accounts.create(next)).toBe(true)
        expect(await node.accounts.byUsername('wanted')).toEqual(next)
        expect(await node.accounts.create(dead)).toBe(false)
        expect(await node.accounts.byIds([dead.id])).toEqual([])
      })
    })

    it('whose account came stays, also when nobody could say so', async () => {
      const [a, b] = fresh()
      await opened([a, b], async (node) => {
        const first = await created(node)
        for (const url of [a, b])
          await query(url, `UPDATE usernames SET settled = false, reserved_at = now() - interval '61 min'`)
        expect(await node.accounts.create(account(first.username))).toBe(false)
        expect(await node.accounts.byUsername(first.username)).toEqual(first)
      })
    })

    it('goes to one of two when the first was so slow that it was taken meanwhile', async () => {
      const [a] = fresh()
      await opened([a], async (node) => {
        const [slow, quick] = [account('wanted'), account('wanted')]
        // The slow one has reserved it; its account is stored only after the other has taken the name.
        await query(
          a,
          `CREATE FUNCTION taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.id = '${slow.id}' THEN UPDATE usernames SET user_id = '${quick.id}'; END IF; RETURN NEW; END $$`,
        )
        await query(a, 'CREATE TRIGGER taken BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION taken()')
        expect(await node.accounts.create(slow)).toBe(false)
        expect(await node.accounts.byIds([slow.id])).toEqual([])
        expect(await node.accounts.create(quick)).toBe(true)
        expect(await node.accounts.byUsername('wanted')).toEqual(quick)
      })
    })
  })

  it('a token whose device never came, or went, opens nothing', async () => {
    const urls = fresh()
    await opened(urls, async (node) => {
      const { id } = await created(node)
      const one = device(id, 1)
      await node.devices.add(one)
      for (const url of urls) await query(url, 'DELETE FROM devices')
      expect(await node.devices.byToken(one.tokenHash)).toBeUndefined()
      // Nor does an old token of a device that has another now.
      await node.devices.add({ ...one, tokenHash: 'new' })
      expect(await node.devices.byToken(one.tokenHash)).toBeUndefined()
      expect((await node.devices.byToken('new'))?.id).toBe(one.id)
    })
  })
})
