import type { Clock } from '../../lib/clock.ts'
import { unavailable } from '../../lib/errors.ts'
import type { CassandraConnection } from './connection.ts'
import type { Skew } from './queue-time.ts'

/** How far this node's clock is ahead of each host's that answers. */
async function hostSkews(connection: CassandraConnection, clock: Clock): Promise<Skew[]> {
  const hosts = connection.hosts().filter((host) => host.isUp())
  const asked = await Promise.allSettled(
    hosts.map(async (host): Promise<Skew> => {
      const start = clock.monotonic()
      const [row] = await connection.on(host, 'SELECT toUnixTimestamp(now()) AS now FROM system.local')
      const took = clock.monotonic() - start
      // The host looked at its clock somewhere between question and answer, and rounded it down to 1 ms.
      return { ahead: clock.now() - took / 2 - (Number(row?.now) + 0.5), error: took / 2 + 0.5 }
    }),
  )
  return asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
}

/** That of the host in the middle: one with a wrong clock says nothing about ours. @throws AppError `unavailable` */
export async function medianSkew(connection: CassandraConnection, clock: Clock): Promise<Skew> {
  const skews = (await hostSkews(connection, clock)).sort((a, b) => a.ahead - b.ahead)
  const middle = skews[Math.floor(skews.length / 2)]
  if (!middle) throw unavailable('No host of Cassandra tells its time.')
  return { ahead: middle.ahead, error: middle.error }
}
