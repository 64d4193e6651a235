import type { Clock } from '../../lib/clock.ts'
import type { Cql } from './cql.ts'
import type { Skew } from './queue-time.ts'

const samples = 5
const question = { query: 'SELECT toUnixTimestamp(now()) AS at FROM system.local', params: [] }

/** Compares this machine's wall clock with that of the Cassandra nodes that happen to answer: the median of some. */
export async function measureSkew(cql: Cql, clock: Clock): Promise<Skew> {
  const found: Skew[] = []
  for (let left = samples; left > 0; left--) {
    const [sent, from] = [clock.now(), clock.monotonic()]
    const [row] = await cql.execute(question)
    const took = clock.monotonic() - from
    found.push({ ahead: sent + took / 2 - Number(String(row?.at)), error: took / 2 })
  }
  found.sort((a, b) => a.ahead - b.ahead)
  return found[samples >> 1] as Skew
}
