import type { Clock } from '../../lib/clock.ts'
import type { Database } from './database.ts'
import type { Shards } from './shards.ts'

/** What there is to say of one database, for `parley doctor`. */
export interface DatabaseReport {
  /** Host, port, database. */
  database: string
  role: 'primary' | 'replica'
  state: DatabaseState | { reachable: false; reason: string }
  /** What to change, each in a sentence. */
  advice: string[]
}

export interface DatabaseState {
  reachable: true
  version: string
  /** Milliseconds to the answer of a query that does nothing. */
  latency: number
  /** Milliseconds by which its clock is ahead of this node's, as exact as half the latency. */
  skew: number
  settings: { fsync: string; synchronousCommit: string; fullPageWrites: string; maxConnections: number }
  /** It only follows another server. */
  isFollower: boolean
  /** Milliseconds by which a follower is behind; undefined: it is none, or has heard nothing yet. */
  lag: number | undefined
}

const oldest = 130_000
const allowed = { skew: 1000, latency: 50, lag: 10_000 }

const ask = {
  name: 'doctor',
  text: `
SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
  current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
  (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') AS synchronous_commit,
  current_setting('max_connections')::int AS max_connections, pg_is_in_recovery() AS follows,
  (extract(epoch FROM now() - pg_last_xact_replay_timestamp()) * 1000)::float8 AS lag,
  (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
}

interface Row {
  version: string
  number: number
  fsync: string
  full_page_writes: string
  synchronous_commit: string
  max_connections: number
  follows: boolean
  lag: number | null
  now: number
}

export async function checkShards(shards: Shards, clock: Clock): Promise<DatabaseReport[]> {
  const all = shards.all.flatMap(({ database, replicas }) => [
    checkDatabase(database, 'primary', clock),
    ...replicas.map((replica) => checkDatabase(replica, 'replica', clock)),
  ])
  return Promise.all(all)
}

async function checkDatabase(database: Database, role: 'primary' | 'replica', clock: Clock): Promise<DatabaseReport> {
  const report = { database: database.label, role }
  try {
    const { row, latency, skew } = await measure(database, clock)
    const state: DatabaseState = {
      reachable: true,
      version: row.version,
      latency,
      skew,
      settings: {
        fsync: row.fsync,
        synchronousCommit: row.synchronous_commit,
        fullPageWrites: row.full_page_writes,
        maxConnections: row.max_connections,
      },
      isFollower: row.follows,
      lag: row.follows ? (row.lag ?? undefined) : undefined,
    }
    return { ...report, state, advice: adviceOn(role, state, row.number) }
  } catch (error) {
    const cause = (error as Error).cause ?? error
    const reason = (cause as Error).message || String(cause)
    return { ...report, state: { reachable: false, reason }, advice: ['Start it, or correct DATABASE_URL.'] }
  }
}

/** The quickest of a few answers says most about both. */
async function measure(database: Database, clock: Clock): Promise<{ row: Row; latency: number; skew: number }> {
  let best: { row: Row; latency: number; skew: number } | undefined
  for (let left = 4; left > 0; left--) {
    const [asked, wall] = [clock.monotonic(), clock.now()]
    const [row] = await database.run<Row>(ask, [])
    const latency = clock.monotonic() - asked
    if (row && (!best || latency < best.latency)) best = { row, latency, skew: row.now - (wall + latency / 2) }
  }
  if (!best) throw new Error('it answers nothing')
  return best
}

function adviceOn(role: 'primary' | 'replica', state: DatabaseState, version: number): string[] {
  const { settings, skew, latency, isFollower, lag } = state
  const advice: [boolean, string][] = [
    [version < oldest, 'PostgreSQL 13 or newer is needed.'],
    [settings.fsync !== 'on', 'Set fsync = on: without it a power cut loses or spoils accounts.'],
    [settings.fullPageWrites !== 'on', 'Set full_page_writes = on, unless the disk never tears a page.'],
    [
      settings.synchronousCommit === 'off',
      'Set synchronous_commit = on; Parley asks for it on its own connections, others do not.',
    ],
    [role === 'primary' && isFollower, 'It only follows another server: nothing can be stored. Name the primary.'],
    [role === 'replica' && !isFollower, 'It follows nobody: it is no replica.'],
    [(lag ?? 0) > allowed.lag, `It is ${Math.round((lag ?? 0) / 1000)} s behind: searches find old things only.`],
    [Math.abs(skew) > allowed.skew, `Its clock differs by ${Math.round(skew)} ms: keep both in time (NTP).`],
    [latency > allowed.latency, `It answers in ${Math.round(latency)} ms: put it nearer.`],
  ]
  return advice.filter(([applies]) => applies).map(([, text]) => text)
}
