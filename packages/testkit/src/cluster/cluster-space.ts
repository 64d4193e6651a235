import { randomBytes, randomInt } from 'node:crypto'
import type { SettingsInput } from '@parley/server'
import cassandra from 'cassandra-driver'
import pg from 'pg'
import { ObjectSpace } from './object-space.ts'

const names = [
  'DATABASE_URL',
  'PARLEY_CASSANDRA_URL',
  'PARLEY_ZOOKEEPER_URL',
  'PARLEY_SESSIONS_URL',
  'REDIS_URL',
] as const

const absent = names.filter((name) => !process.env[name])

/** For the title of tests that are left out; '' when all engines run. */
export const missingEngines = absent.length > 0 ? ` (no ${absent.join(', ')}: npm run engines -- up)` : ''

/** A place of its own on each engine that runs, so that no two clusters of tests meet. */
export class ClusterSpace {
  readonly #name = `test_${randomBytes(6).toString('hex')}`
  readonly objects = new ObjectSpace(this.#name)
  /** Redis has no places but these; what stands there belongs to nodes that are gone, and is not believed. */
  readonly #redis = randomInt(1, 16)

  /** Variables that make a server a node of this cluster. */
  get env(): Record<(typeof names)[number] | 'PARLEY_STORE', string> & Record<string, string> {
    const [database, cassandraUrl, zookeeper, sessions, redis] = names.map((name) => process.env[name] ?? '') as [
      string,
      string,
      string,
      string,
      string,
    ]
    return {
      ...this.objects.env,
      PARLEY_STORE: 'cluster',
      DATABASE_URL: `${database}${database.includes('?') ? '&' : '?'}schema=${this.#name}`,
      PARLEY_CASSANDRA_URL: cassandraUrl.replace(/\/\w+(\?|$)/, `/${this.#name}$1`),
      PARLEY_ZOOKEEPER_URL: zookeeper.replace(/\/[^/]*$/, `/${this.#name}`),
      PARLEY_SESSIONS_URL: sessions.replace(/\/[^/]*$/, `/${this.#name}`),
      REDIS_URL: `${redis.replace(/\/\d*$/, '')}/${this.#redis}`,
    }
  }

  /** The same as settings of `startNode`. */
  get settings(): SettingsInput {
    const { env } = this
    return {
      ...this.objects.settings,
      store: 'cluster',
      databaseUrl: env.DATABASE_URL,
      cassandraUrl: env.PARLEY_CASSANDRA_URL,
      zookeeperUrl: env.PARLEY_ZOOKEEPER_URL,
      sessionsUrl: env.PARLEY_SESSIONS_URL,
      redisUrl: env.REDIS_URL,
    }
  }

  /** What was stored in it; called when its nodes have ended. */
  async remove(): Promise<void> {
    await this.objects.remove()
    const database = new pg.Client({ connectionString: process.env.DATABASE_URL ?? '' })
    await database.connect()
    await database.query(`DROP SCHEMA IF EXISTS ${this.#name} CASCADE`)
    await database.end()
    const url = new URL((process.env.PARLEY_CASSANDRA_URL ?? '').replace(/^cassandra/, 'http').replace(/,[^/]*/, ''))
    const client = new cassandra.Client({
      contactPoints: [url.host],
      localDataCenter: url.searchParams.get('dc') ?? 'datacenter1',
      socketOptions: { readTimeout: 60_000 },
    })
    await client.execute(`DROP KEYSPACE IF EXISTS ${this.#name}`)
    await client.shutdown()
  }
}
