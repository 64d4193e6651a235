import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withDevices } from '../../accounts/fixtures.contract.ts'
import { missing, nodesOver, query, server, TestDatabases } from './test-databases.contract.ts'

describe.skipIf(server === '')(`revocations in PostgreSQL${missing}`, () => {
  let databases: TestDatabases
  beforeAll(async () => {
    databases = await TestDatabases.make(2)
  })
  afterAll(() => databases.remove())

  const note = (device: string) =>
    // Long ago: told because it was not seen, not because it is new.
    `INSERT INTO revocations (user_id, device_id, token_hash, reason, at)
     VALUES ('u', '${device}', 'h', 'logged_out', now() - interval '1 h')`

  it('one whose transaction ends late is told behind those that overtook it, once', async () => {
    const [url] = databases.fresh().split(',') as [string, string]
    const { node, close } = nodesOver(url)
    const { revocations } = await node()
    const slow = new pg.Client({ connectionString: url.split('?')[0] })
    await slow.connect()
    await slow.query(`SET search_path = ${new URL(url).searchParams.get('schema')}`)
    let { mark } = await revocations.since(undefined)
    const ask = async () => {
      const answer = await revocations.since(mark)
      mark = answer.mark
      return answer.revocations?.map(({ device }) => device).toSorted()
    }
    await slow.query('BEGIN')
    await slow.query(note('slow'))
    for (const quick of ['first', 'second']) {
      await query(url, note(quick))
      expect(await ask()).toEqual([quick])
    }
    await slow.query('COMMIT')
    expect(await ask()).toEqual(['slow'])
    expect(await ask()).toEqual([])
    await slow.query('BEGIN')
    await slow.query(note('undone'))
    await slow.query('ROLLBACK')
    expect(await ask()).toEqual([])
    await slow.end()
    await close()
  })

  it('a mark from before the server lost its last transactions tells what came since then', async () => {
    const [url] = databases.fresh().split(',') as [string, string]
    const { node, close } = nodesOver(url)
    const stores = await node()
    const { mark } = await stores.revocations.since(undefined)
    // As if many more transactions had been seen than there are.
    const later = mark.replace(/"(\d+):(\d+):/, (_, low, high) => `"${Number(low) + 1000}:${Number(high) + 1000}:`)
    const { user, devices } = await withDevices(stores)
    await stores.devices.remove(user, [devices[0].id], 'logged_out')
    const { revocations } = await stores.revocations.since(later)
    expect(revocations?.map(({ device }) => device)).toEqual([devices[0].id])
    await close()
  })

  it('a mark that is older than what is kept says so', async () => {
    const { node, close } = nodesOver(databases.fresh())
    const { revocations } = await node()
    const { mark } = await revocations.since(undefined)
    const old = mark.replace(/"at":(\d+)/, (_, at) => `"at":${Number(at) - 90_000_000}`)
    expect((await revocations.since(old)).revocations).toBeUndefined()
    expect((await revocations.since(mark)).revocations).toEqual([])
    await close()
  })
})
