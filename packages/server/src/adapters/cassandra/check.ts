import type { Clock } from '../../lib/clock.ts'
import { type EngineReport, measure, skewAdvice } from '../../lib/engine-report.ts'
import type { CassandraConnection } from './connection.ts'
import type { CassandraUrl } from './connection-url.ts'
import type { Host } from './driver.ts'
import { isDurable } from './durability.ts'
import type { Replication } from './keyspace.ts'

type Setup = Pick<CassandraUrl, 'keyspace'> & {
  /** What the URL asks for. */
  asked: CassandraUrl['replication']
  /** What the keyspace has. */
  replication: Replication
}

const oldest = 4
const usualCopies = 3
/** ms. */
const slow = 50
const names = ['commitlog_sync', 'paxos_variant']

/** What each host says of itself, and the keyspace. Never rejects. */
export async function checkCassandra(
  connection: CassandraConnection,
  clock: Clock,
  setup: Setup,
): Promise<EngineReport[]> {
  return Promise.all(connection.hosts().map((host) => checkHost(connection, clock, host, setup)))
}

async function checkHost(
  connection: CassandraConnection,
  clock: Clock,
  host: Host,
  setup: Setup,
): Promise<EngineReport> {
  const engine = `Cassandra at ${host.address}`
  const replication = [...setup.replication].map(([name, count]) => `${name}: ${count}`).join(', ')
  try {
    const measured = await measure(clock, async () => {
      const [row] = await connection.on(host, 'SELECT toUnixTimestamp(now()) AS now FROM system.local')
      return Number(row?.now)
    })
    const settings = { ...(await settingsOf(connection, host)), replication }
    const version = host.cassandraVersion
    return { engine, version, ...measured, settings, advice: adviceOn({ version, ...measured, settings }, setup) }
  } catch (error) {
    const advice = [`Start it, or take it out of the ring (${(error as Error).message})`]
    return { engine, version: host.cassandraVersion, latency: Number.NaN, settings: { replication }, advice }
  }
}

async function settingsOf(connection: CassandraConnection, host: Host): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of names) {
    const [row] = await connection.on(host, `SELECT value FROM system_views.settings WHERE name = '${name}'`)
    found[name] = String(row?.value ?? 'unknown')
  }
  return found
}

function adviceOn(host: Omit<EngineReport, 'engine' | 'advice'>, setup: Setup): string[] {
  const { keyspace, replication, asked } = setup
  const alter = `ALTER KEYSPACE ${keyspace} WITH replication = …, then nodetool repair -full`
  const differs =
    typeof asked === 'object'
      ? !sameCopies(asked, replication)
      : asked !== undefined && ![...replication.values()].includes(asked)
  const advice: [boolean, string][] = [
    [
      Number.parseInt(host.version, 10) < oldest,
      `Cassandra ${oldest} or newer is needed; 5.0 is what Parley is tested with.`,
    ],
    [
      !isDurable(host.settings.commitlog_sync ?? ''),
      'Set commitlog_sync: batch (or group) in cassandra.yaml: with periodic a power cut takes back what was acknowledged.',
    ],
    [
      host.settings.paxos_variant !== 'v2',
      'Set paxos_variant: v2 in cassandra.yaml: appends take half as many round trips.',
    ],
    [
      host.latency > slow,
      `It answers in ${Math.round(host.latency)} ms: name the nearest data centre in the URL (dc=…).`,
    ],
    [differs, `The URL asks for another replication than the keyspace has: ${alter}.`],
    [
      [...replication.values()].some((count) => count < usualCopies),
      `With fewer than ${usualCopies} copies the loss of one machine stops Parley, or loses data: ${alter}.`,
    ],
  ]
  return [...advice.filter(([applies]) => applies).map(([, text]) => text), ...skewAdvice(host.clockSkew)]
}

const sameCopies = (a: Replication, b: Replication): boolean =>
  a.size === b.size && [...a].every(([name, count]) => b.get(name) === count)
