import { readFileSync } from 'node:fs'
import type { S3Place } from '../adapters/s3/driver.ts'
import { ConfigError } from './config.ts'
import type { Settings } from './options.ts'

/** The engines of a cluster, by URL. */
export interface Engines {
  /** PostgreSQL; several are shards. */
  databases: readonly string[]
  cassandra: string
  zookeeper: string
  sessions: { technology: 'mongodb' | 'redis'; url: string }
  /** Absent: limits are those of each node, and presence is where sessions are. */
  redis: string | undefined
  /** Absent: no media. */
  s3: S3Place | undefined
  secret: string | undefined
}

export type Storage = { kind: 'memory' } | { kind: 'sqlite' } | { kind: 'cluster'; engines: Engines }

/** Where a node keeps what it is told. @throws ConfigError when a cluster lacks an engine */
export function storageOf(settings: Settings): Storage {
  const { store, databaseUrl, cassandraUrl, zookeeperUrl, sessionsUrl, redisUrl } = settings
  const named = databaseUrl.length > 0 || cassandraUrl !== undefined || zookeeperUrl !== undefined
  if (store === 'memory' || store === 'sqlite') return { kind: store }
  if (store === 'auto' && !named) return { kind: 'sqlite' }
  const sessions = sessionsUrl ?? redisUrl
  if (databaseUrl.length === 0 || cassandraUrl === undefined || zookeeperUrl === undefined || sessions === undefined) {
    const missing = [
      databaseUrl.length === 0 && 'DATABASE_URL (PostgreSQL)',
      cassandraUrl === undefined && 'PARLEY_CASSANDRA_URL',
      zookeeperUrl === undefined && 'PARLEY_ZOOKEEPER_URL',
      sessions === undefined && 'PARLEY_SESSIONS_URL or REDIS_URL',
    ].filter((name) => name !== false)
    throw new ConfigError(
      `A cluster needs ${missing.join(', ')} too. To run on the data folder alone: --store sqlite (PARLEY_STORE=sqlite).`,
    )
  }
  const engines: Engines = {
    databases: databaseUrl,
    cassandra: cassandraUrl,
    zookeeper: zookeeperUrl,
    sessions: { technology: sessionTechnology(sessions), url: sessions },
    redis: redisUrl,
    s3: s3Of(settings),
    secret: readSecret(settings),
  }
  return { kind: 'cluster', engines }
}

function sessionTechnology(url: string): 'mongodb' | 'redis' {
  if (/^mongodb(\+srv)?:/.test(url)) return 'mongodb'
  if (/^rediss?:/.test(url)) return 'redis'
  throw new ConfigError(`--sessions-url begins with mongodb:// or redis://, not with ${url.split(':')[0]}.`)
}

function s3Of(settings: Settings): S3Place | undefined {
  const { s3Bucket, s3Prefix, s3Endpoint, s3PublicEndpoint, s3Region, s3ForcePathStyle, s3ColdClass } = settings
  if (s3Bucket === undefined) {
    if (s3Endpoint === undefined) return undefined
    throw new ConfigError('--s3-endpoint needs --s3-bucket (S3_BUCKET) too.')
  }
  return {
    endpoint: s3Endpoint,
    publicEndpoint: s3PublicEndpoint,
    bucket: s3Bucket,
    prefix: s3Prefix,
    region: s3Region,
    forcePathStyle: s3ForcePathStyle ?? s3Endpoint !== undefined,
    coldClass: s3ColdClass === 'none' ? undefined : s3ColdClass,
    // The driver finds them: AWS_* in the environment, a profile, the role of the machine.
    credentials: undefined,
  }
}

function readSecret({ secret, secretFile }: Settings): string | undefined {
  if (secret !== undefined && secretFile !== undefined)
    throw new ConfigError('Give --secret or --secret-file, not both.')
  if (secretFile === undefined) return secret
  try {
    return readFileSync(secretFile, 'utf8').trim()
  } catch (error) {
    throw new ConfigError(`The file of the secret cannot be read: ${(error as Error).message}`)
  }
}

/** For whoever starts a node; no passwords. */
export function describeStorage(settings: Settings): string {
  const storage = storageOf(settings)
  switch (storage.kind) {
    case 'memory':
      return 'memory: everything is lost when it stops'
    case 'sqlite':
      return settings.data
    case 'cluster': {
      const { databases, cassandra, zookeeper, sessions, redis, s3 } = storage.engines
      const all = [...databases, cassandra, zookeeper, sessions.url, ...(redis === undefined ? [] : [redis])]
      if (s3) all.push(s3.endpoint ? `${s3.endpoint}/${s3.bucket}` : `s3://${s3.bucket}`)
      return [...new Set(all.map(placeOf))].join(', ')
    }
    default:
      return storage satisfies never
  }
}

/** `cassandra://user:password@host/keyspace?dc=x` is `cassandra://host/keyspace`. */
const placeOf = (url: string): string => url.replace(/\/\/[^/@]*@/, '//').replace(/\?.*$/, '')
