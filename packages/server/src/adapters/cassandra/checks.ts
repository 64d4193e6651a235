import type { Clock } from '../../lib/clock.ts'
import { hostSkews } from './clock-skew.ts'
import type { CassandraConnection } from './connection.ts'
import { commitlogSyncs, isDurable } from './durability.ts'
import type { Replication } from './keyspace.ts'

/** One thing looked at: what was found, and what to change when it is not well. */
export interface Finding {
  name: string
  found: string
  /** undefined: nothing. */
  change: string | undefined
}

const oldest = 4
const usualCopies = 3
/** ms. */
const slow = 50
/** What an incomplete paxos round leaves is cleared only with the newer variant. */
const paxos = 'v2'

/** What `parley doctor` tells of Cassandra. `allowed`: ms that clocks may differ. */
export async function checkCassandra(
  connection: CassandraConnection,
  clock: Clock,
  setup: { keyspace: string; replication: Replication; asked: Replication | number | undefined; allowed: number },
): Promise<Finding[]> {
  const hosts = connection.hosts()
  const [skews, syncs, variants] = await Promise.all([
    hostSkews(connection, clock),
    commitlogSyncs(hosts, (host, query) => connection.on(host, query)),
    settingOf(connection, 'paxos_variant'),
  ])
  const each = (values: Iterable<[string, unknown]>) =>
    [...values].map(([host, value]) => `${host}: ${value}`).join(', ')
  const versions = hosts.map((host) => [host.address, host.cassandraVersion] as [string, string])
  const down = hosts.filter((host) => !host.isUp()).map((host) => host.address)
  const widest = skews.reduce((worst, skew) => Math.max(worst, Math.abs(skew.ahead) + skew.error), 0)
  const slowest = skews.reduce((worst, { latency }) => Math.max(worst, latency), 0)
  const copies = each(setup.replication)
  return [
    {
      name: 'hosts',
      found: `${hosts.length - down.length} of ${hosts.length} are up`,
      change: down.length > 0 ? `Look after ${down.join(', ')}.` : undefined,
    },
    {
      name: 'version',
      found: each(versions),
      change: versions.some(([, version]) => Number.parseInt(version, 10) < oldest)
        ? `Parley needs Cassandra ${oldest} or newer, and is tested with 5.0.`
        : undefined,
    },
    {
      name: 'latency',
      found: each(skews.map(({ address, latency }) => [address, `${latency.toFixed(1)} ms`])),
      change:
        slowest > slow ? 'Run Parley in the data centre of its Cassandra, or name the nearest one: dc=…' : undefined,
    },
    {
      name: 'clock skew',
      found: each(skews.map(({ address, ahead }) => [address, `${ahead.toFixed(0)} ms`])),
      change: widest > setup.allowed ? `Clocks may differ by ${setup.allowed} ms: set all machines by NTP.` : undefined,
    },
    { name: 'replication', found: copies, change: replicationAdvice(setup) },
    {
      name: 'commitlog_sync',
      found: each(syncs),
      change: [...syncs.values()].every(isDurable)
        ? undefined
        : 'Set commitlog_sync: group or batch in cassandra.yaml: with periodic a power cut takes back what was acknowledged.',
    },
    {
      name: 'paxos_variant',
      found: each(variants),
      change: variants.some(([, value]) => value !== paxos)
        ? `Set paxos_variant: ${paxos} in cassandra.yaml: appends take half as many round trips.`
        : undefined,
    },
  ]
}

async function settingOf(connection: CassandraConnection, name: string): Promise<[string, string][]> {
  const up = connection.hosts().filter((host) => host.isUp())
  return Promise.all(
    up.map(async (host): Promise<[string, string]> => {
      const [row] = await connection.on(host, `SELECT value FROM system_views.settings WHERE name = '${name}'`)
      return [host.address, String(row?.value ?? 'unknown')]
    }),
  )
}

function replicationAdvice({ keyspace, replication, asked }: Parameters<typeof checkCassandra>[2]): string | undefined {
  const few = [...replication].filter(([, count]) => count < usualCopies)
  if (asked instanceof Map && JSON.stringify([...asked].sort()) !== JSON.stringify([...replication].sort())) {
    return `The URL asks for other numbers. The keyspace is there already: ALTER KEYSPACE ${keyspace}, then nodetool repair.`
  }
  if (few.length === 0) return undefined
  return `With fewer than ${usualCopies} copies the loss of one machine stops Parley or loses data: ALTER KEYSPACE ${keyspace}, then nodetool repair.`
}
