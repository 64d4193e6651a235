import { checkEngines, readConfig } from '@parley/server'
import { afterAll, describe, expect, it } from 'vitest'
import { ClusterSpace, missingEngines } from './cluster-space.ts'
import { missingObjects } from './object-space.ts'

describe.skipIf(missingEngines !== '')(`what doctor asks of the engines${missingEngines}`, () => {
  const space = new ClusterSpace()
  afterAll(() => space.remove(), 60_000)
  const check = (env: Record<string, string> = {}) =>
    checkEngines(readConfig({ flags: {}, env: { ...space.env, ...env } }).settings)

  it('each says its version, how fast it answers, how its clock stands and what the promises rest on', async () => {
    const checks = await check()
    const names = checks.map(({ engine }) => engine.split(' ')[0]).sort()
    const objects = missingObjects === '' ? ['S3'] : []
    expect(names).toEqual(['Cassandra', 'MongoDB', 'PostgreSQL', 'Redis', ...objects, 'ZooKeeper'])
    for (const found of checks) {
      if ('failure' in found) throw new Error(`${found.engine}: ${found.failure}`)
      expect(found.report.version).toMatch(found.engine === 'S3' ? /\w/ : /^\d+\.\d+/)
      expect(found.report.latency).toBeGreaterThan(0)
      expect(Object.keys(found.report.settings).length).toBeGreaterThan(0)
    }
    const cassandra = checks.find(({ engine }) => engine.startsWith('Cassandra'))
    expect(cassandra).toMatchObject({ report: { settings: { commitlog_sync: expect.stringMatching(/batch|group/) } } })
    expect(cassandra).toMatchObject({ report: { advice: [expect.stringContaining('3 copies')] } })
  }, 60_000)

  it('one that is away is told by name, the others all the same', async () => {
    const checks = await check({ REDIS_URL: 'redis://127.0.0.1:1', PARLEY_ZOOKEEPER_URL: 'zookeeper://127.0.0.1:1/x' })
    const failed = checks.flatMap((found) => ('failure' in found ? [found.engine] : []))
    expect(failed.sort()).toEqual(['Redis', 'ZooKeeper'])
    expect(checks).toHaveLength(missingObjects === '' ? 6 : 5)
  }, 60_000)
})

it('a node on its data folder asks no engine', async () => {
  expect(await checkEngines(readConfig({ flags: {}, env: {} }).settings)).toEqual([])
})
