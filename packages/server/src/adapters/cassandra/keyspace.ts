import { type Clock, sleep, stopwatch } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import { agreement, hostsUp } from './agreement.ts'
import type { CassandraUrl } from './connection-url.ts'
import type { Client } from './driver.ts'

/** How many copies each data centre keeps. */
export type Replication = ReadonlyMap<string, number>

const usualCopies = 3
const patience = { readTimeout: 20_000 }
/** ms. A host shows a keyspace in its tables a moment before it can be used, when another node has just made it. */
const appearing = { all: 10_000, again: 100 }
/** ms. */
const answering = { all: 20_000, again: 200 }

/** The data centre of the host that answers, unless the URL names one. */
export async function nearestDataCenter(client: Client, url: CassandraUrl): Promise<string> {
  const hosts = client.hosts.values()
  const known = [...new Set(hosts.map((host) => host.datacenter))]
  if (url.dataCenter === undefined) {
    const [first] = known
    if (known.length === 1 && first !== undefined) return first
    throw new Error(`Which data centre is the nearest? Say so in the Cassandra URL: dc=${known.join(' or dc=')}`)
  }
  if (known.includes(url.dataCenter)) return url.dataCenter
  throw new Error(`There is no data centre ${url.dataCenter} in this Cassandra cluster; there is: ${known.join(', ')}`)
}

/** Makes the keyspace unless it is there. @returns its replication as it is, whatever was asked for */
export async function makeKeyspace(
  client: Client,
  url: CassandraUrl,
  dataCenter: string,
  clock: Clock,
): Promise<Replication> {
  const found = await replicationOf(client, url.keyspace)
  if (found) return found
  const copies = copiesFor(client, url, dataCenter)
  const list = [...copies].map(([name, count]) => `'${name}': ${count}`).join(', ')
  const query = `CREATE KEYSPACE IF NOT EXISTS ${url.keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', ${list}}`
  const [host] = hostsUp(client)
  await client.execute(query, [], { ...patience, host })
  if (host) await agreement(client, host, clock)
  return (await replicationOf(client, url.keyspace)) ?? copies
}

/** Calls `connect` until the keyspace can be used. @throws what it throws */
export async function onceUsable<Connected>(connect: () => Promise<Connected>, clock: Clock): Promise<Connected> {
  const elapsed = stopwatch(clock)
  for (;;) {
    try {
      return await connect()
    } catch (error) {
      if (!/Keyspace '\w+' does not exist/.test(String(error)) || elapsed() > appearing.all) throw error
    }
    await sleep(clock, appearing.again)
  }
}

/** Hosts that have just come up, or make tables, do not answer everybody at once. @throws what `ask` throws in the end */
export async function onceAnswered<Answer>(ask: () => Promise<Answer>, clock: Clock): Promise<Answer> {
  const elapsed = stopwatch(clock)
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof AppError) || elapsed() > answering.all) throw error
    }
    await sleep(clock, answering.again)
  }
}

function copiesFor(client: Client, { replication }: CassandraUrl, dataCenter: string): Replication {
  if (typeof replication === 'object') return replication
  const near = client.hosts.values().filter((host) => host.datacenter === dataCenter).length
  return new Map([[dataCenter, replication ?? Math.min(usualCopies, near)]])
}

export async function replicationOf(
  client: Pick<Client, 'execute'>,
  keyspace: string,
): Promise<Replication | undefined> {
  const query = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?'
  const { rows } = await client.execute(query, [keyspace], patience)
  const options = rows[0]?.get('replication') as ReadonlyMap<string, string> | undefined
  if (!options) return undefined
  const entries = [...options].map(([name, value]) => [name, Number(value)] as const)
  // SimpleStrategy does not tell data centres apart: one name for all.
  return new Map(entries.filter(([name, count]) => name !== 'class' && count > 0))
}
