import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { connect } from './client.ts'
import { CassandraConnection } from './connection.ts'
import { parseCassandraUrl } from './connection-url.ts'
import { levelsOf, reachOf } from './consistency.ts'
import { loadDriver } from './driver.ts'
import { makeKeyspace, nearestDataCenter } from './keyspace.ts'
import { type Migration, makeTables } from './schema.ts'

/** Where Cassandra is, for tests; '' where none runs. */
export const server = process.env.PARLEY_CASSANDRA_URL ?? ''

/** For the title of tests that are left out. */
export const missing = server === '' ? ' (Cassandra is not running: npm run engines -- up cassandra)' : ''

/** A keyspace of one test file. */
export interface TestKeyspace {
  name: string
  connection: CassandraConnection
  /** Takes it away, with all that is in it. */
  remove(): Promise<void>
}

export async function makeTestKeyspace(migrations: readonly Migration[]): Promise<TestKeyspace> {
  const name = `parley_test_${process.pid}_${Math.random().toString(36).slice(2, 10)}`
  const url = { ...parseCassandraUrl(server), keyspace: name }
  const driver = await loadDriver()
  const first = await connect(driver, url, silentLogger, undefined)
  const dataCenter = await nearestDataCenter(first, url)
  const replication = await makeKeyspace(first, url, dataCenter, systemClock)
  await first.shutdown()
  const levels = levelsOf(driver, reachOf(url.consistency, replication))
  const client = await connect(driver, url, silentLogger, { dataCenter, keyspace: name })
  await makeTables(client, migrations, { clock: systemClock, owner: 'test', levels })
  const connection = new CassandraConnection(client, levels)
  return {
    name,
    connection,
    async remove() {
      await client.execute(`DROP KEYSPACE IF EXISTS ${name}`, [], { readTimeout: 60_000 })
      await connection.close()
    },
  }
}
