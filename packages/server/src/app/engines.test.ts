import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { describeStorage, storageOf } from './engines.ts'

const folder = mkdtempSync(join(tmpdir(), 'parley-engines-'))
afterAll(() => rmSync(folder, { recursive: true }))

const engines = {
  DATABASE_URL: 'postgres://db1/parley, postgres://db2/parley',
  PARLEY_CASSANDRA_URL: 'cassandra://c1,c2/parley?dc=here',
  PARLEY_ZOOKEEPER_URL: 'zookeeper://z1:2181/parley',
  PARLEY_SESSIONS_URL: 'mongodb://m1/parley',
  REDIS_URL: 'redis://r1',
}
const storage = (env: Record<string, string>) => storageOf(readConfig({ flags: {}, env }).settings)

describe('where a node keeps what it is told', () => {
  it('is the data folder when nothing is said', () => {
    expect(storage({})).toEqual({ kind: 'sqlite' })
    expect(storage({ REDIS_URL: 'redis://r1' })).toEqual({ kind: 'sqlite' })
  })

  it('is the engines once they are named', () => {
    expect(storage(engines)).toEqual({
      kind: 'cluster',
      engines: {
        databases: ['postgres://db1/parley', 'postgres://db2/parley'],
        cassandra: engines.PARLEY_CASSANDRA_URL,
        zookeeper: engines.PARLEY_ZOOKEEPER_URL,
        sessions: { technology: 'mongodb', url: engines.PARLEY_SESSIONS_URL },
        redis: 'redis://r1',
        secret: undefined,
      },
    })
  })

  it('is the data folder all the same when that is asked for', () => {
    expect(storage({ ...engines, PARLEY_STORE: 'sqlite' })).toEqual({ kind: 'sqlite' })
  })

  it('keeps media in the bucket that is named, and none without', () => {
    expect(storage({ ...engines, S3_BUCKET: 'media' })).toMatchObject({
      engines: { s3: { bucket: 'media', endpoint: undefined, region: 'us-east-1', forcePathStyle: false, prefix: '' } },
    })
    const own = { S3_ENDPOINT: 'http://s3:9000', S3_PUBLIC_ENDPOINT: 'https://media.example.org', S3_REGION: 'here' }
    expect(storage({ ...engines, ...own, S3_BUCKET: 'media', S3_PREFIX: 'parley/' })).toMatchObject({
      engines: {
        s3: {
          endpoint: 'http://s3:9000',
          publicEndpoint: 'https://media.example.org',
          region: 'here',
          forcePathStyle: true,
          prefix: 'parley/',
        },
      },
    })
    expect(() => storage({ ...engines, S3_ENDPOINT: 'http://s3:9000' })).toThrow('S3_BUCKET')
    expect(() => storage({ ...engines, S3_BUCKET: 'media', S3_PREFIX: '/parley' })).toThrow('--s3-prefix: ends with /')
  })

  it('keeps sessions in the Redis that is there', () => {
    const { PARLEY_SESSIONS_URL: _, ...others } = engines
    expect(storage(others)).toMatchObject({ engines: { sessions: { technology: 'redis', url: 'redis://r1' } } })
  })

  it.each(['DATABASE_URL', 'PARLEY_CASSANDRA_URL', 'PARLEY_ZOOKEEPER_URL'] as const)(
    'says that %s is missing',
    (name) => {
      const { [name]: _, ...others } = engines
      expect(() => storage(others)).toThrow(name)
    },
  )

  it('says which sessions it can keep', () => {
    expect(() => storage({ ...engines, PARLEY_SESSIONS_URL: 'mysql://m1' })).toThrow(
      'mongodb:// or redis://, not with mysql',
    )
  })

  it('reads the secret from a file, and not from two places', () => {
    const file = join(folder, 'secret')
    writeFileSync(file, 'a long enough secret of the service\n')
    expect(storage({ ...engines, PARLEY_SECRET_FILE: file })).toMatchObject({
      engines: { secret: 'a long enough secret of the service' },
    })
    expect(() => storage({ ...engines, PARLEY_SECRET_FILE: file, PARLEY_SECRET: 'x' })).toThrow('not both')
    expect(() => storage({ ...engines, PARLEY_SECRET_FILE: join(folder, 'none') })).toThrow('cannot be read')
  })

  it('is told in a few words, without passwords', () => {
    const describe = (env: Record<string, string>) => describeStorage(readConfig({ flags: {}, env }).settings)
    expect(describe({ PARLEY_DATA: '/srv/parley' })).toBe('/srv/parley')
    expect(describe({ PARLEY_STORE: 'memory' })).toContain('lost')
    expect(describe({ ...engines, DATABASE_URL: 'postgres://parley:geheim@db1/parley?schema=a' })).toBe(
      'postgres://db1/parley, cassandra://c1,c2/parley, zookeeper://z1:2181/parley, mongodb://m1/parley, redis://r1',
    )
  })
})
