import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { Database } from './database.ts'
import { parseDatabaseUrls } from './database-url.ts'
import { loadDriver } from './driver.ts'
import { openPostgres } from './open.ts'
import { missing, query, server, TestDatabases } from './test-databases.contract.ts'

describe.skipIf(server === '')(`what is told of PostgreSQL${missing}`, () => {
  let databases: TestDatabases
  beforeAll(async () => {
    databases = await TestDatabases.make(2)
  })
  afterAll(() => databases.remove())

  const reports = async (urls: string, clock = systemClock) => {
    const stores = await openPostgres([urls], { clock, logger: silentLogger })
    try {
      return await stores.check()
    } finally {
      await stores.close()
    }
  }

  it('version, latency, clock, durability, of each database; nothing to change when all is well', async () => {
    const urls = databases.fresh()
    const told = await reports(urls)
    expect(told.map(({ database }) => database)).toEqual(
      urls.split(',').map((url) => `${new URL(url).host}${new URL(url).pathname}`),
    )
    for (const { role, state, advice } of told) {
      if (!state.reachable) throw new Error(state.reason)
      expect(state).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+/), isFollower: false, lag: undefined })
      expect(state.settings).toMatchObject({ fsync: 'on', synchronousCommit: 'on', fullPageWrites: 'on' })
      expect(Math.abs(state.skew)).toBeLessThan(500)
      expect(state.latency).toBeGreaterThan(0)
      expect([role, ...advice]).toEqual(['primary'])
    }
  })

  it('what is wrong, and what to do about it', async () => {
    const [url = ''] = databases.fresh().split(',')
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`)
    const behind = { ...systemClock, now: () => systemClock.now() - 5000 }
    const [primary, replica, away] = await reports(`${url}&replica=${new URL(url).host}&replica=127.0.0.1:1`, behind)
    expect(primary?.advice.join(' ')).toMatch(/^Set synchronous_commit = on.* Its clock differs by 5\d\d\d ms/)
    expect(replica?.advice.join(' ')).toContain('It follows nobody')
    expect(away).toMatchObject({
      role: 'replica',
      state: { reachable: false, reason: expect.stringMatching(/REFUSED/) },
    })
    // Parley's own writes are durable all the same.
    const [at] = parseDatabaseUrls(url)
    if (!at) throw new Error('no database')
    const database = new Database(await loadDriver(), at, silentLogger)
    expect(await database.plan('SHOW synchronous_commit', [])).toEqual([{ synchronous_commit: 'on' }])
    await database.close()
  })
})
