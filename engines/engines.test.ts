import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { engines } from './all.ts'
import { cassandraYaml, ringNodes } from './cassandra/configuration.ts'
import { engineNames, type Setup } from './engine.ts'
import { engineFolders, versionedName } from './lib/folders.ts'

const setup = (port: number): Setup => ({ port, commitlogSync: 'batch', jvm: 'small' })
const folder = mkdtempSync(join(tmpdir(), 'parley-engines-'))
afterAll(() => rmSync(folder, { recursive: true }))
const place = { cache: folder, state: folder, home: folder }

describe('engines', () => {
  it('have ports of their own, below those that the kernel gives away', () => {
    const taken = engineNames.flatMap((name) => {
      const engine = engines[name]
      return engine.nodes(setup(engine.defaultPort), place).map(({ address, port }) => `${address}:${port}`)
    })
    expect(new Set(taken).size).toBe(taken.length)
    const [lowest] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t')
    for (const name of engineNames) expect(engines[name].defaultPort + 100).toBeLessThan(Number(lowest))
  })

  it('are found by URLs that follow the port', () => {
    const variables = engineNames.map((name) => engines[name].variables(setup(20_000)))
    expect(variables).toEqual([
      { DATABASE_URL: 'postgres://parley:parley@127.0.0.1:20000/parley' },
      { REDIS_URL: 'redis://127.0.0.1:20000' },
      { PARLEY_ZOOKEEPER_URL: 'zookeeper://127.0.0.1:20000/parley' },
      { PARLEY_ZOOKEEPER_URL: 'zookeeper://127.0.0.1:20000,127.0.0.1:20001,127.0.0.1:20002/parley' },
      { PARLEY_CASSANDRA_URL: 'cassandra://127.0.0.1:20000/parley?dc=datacenter1' },
      {
        PARLEY_CASSANDRA_URL:
          'cassandra://127.0.0.1:20000,127.0.0.2:20000,127.0.0.3:20000/parley?dc=datacenter1&replication=3',
      },
      { PARLEY_SESSIONS_URL: 'mongodb://127.0.0.1:20000/parley' },
      {
        S3_ENDPOINT: 'http://127.0.0.1:20000',
        S3_BUCKET: 'parley',
        S3_REGION: 'us-east-1',
        S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: 'parley',
        AWS_SECRET_ACCESS_KEY: 'parley-secret',
      },
      { MOTO_ENDPOINT: 'http://127.0.0.1:20000' },
    ])
  })

  it('keep everything outside the clone, and together where that is asked', () => {
    expect(engineFolders({ PARLEY_ENGINES: '/some/where' })).toEqual({
      cache: '/some/where/cache',
      state: '/some/where/state',
    })
    expect(engineFolders({}, '/home/ann', false)).toEqual({
      cache: '/home/ann/.cache/parley',
      state: '/home/ann/.local/state/parley-engines',
    })
    // PostgreSQL's user cannot look into root's home.
    expect(engineFolders({}, '/root', true).state.startsWith('/root')).toBe(false)
  })

  it('are built anew when what they are made from changes', () => {
    expect(versionedName('engine', '1.0', ['one'])).not.toBe(versionedName('engine', '1.0', ['other']))
  })

  it('share the ring evenly and acknowledge what is on disk', () => {
    const ring = ringNodes('cassandra3', 3, 20_000)
    expect(ring.map(({ token }) => token)).toEqual([-9223372036854775808n, -3074457345618258603n, 3074457345618258602n])
    const yaml = JSON.parse(cassandraYaml(ring[1]!, ring, setup(20_000))) as Record<string, unknown>
    expect(yaml).toMatchObject({ commitlog_sync: 'batch', listen_address: '127.0.0.2', num_tokens: 1 })
  })
})
