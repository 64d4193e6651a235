import type { Clock } from '../../lib/clock.ts'
import { unavailable } from '../../lib/errors.ts'
import type { CassandraConnection } from './connection.ts'
import type { Skew } from './queue-time.ts'

export interface HostSkew extends Skew {
  address: string
  /** ms that the host took to answer. */
  latency: number
}

/** How far this node's clock is ahead of each host's that is up. Hosts that do not answer are left out. */
export async function hostSkews(connection: CassandraConnection, clock: Clock): Promise<HostSkew[]> {
  const hosts = connection.hosts().filter((host) => host.isUp())
  const asked = await Promise.allSettled(
    hosts.map(async (host): Promise<HostSkew> => {
      const start = clock.monotonic()
      const [row] = await connection.on(host, 'SELECT toUnixTimestamp(now()) AS now FROM system.local')
      const latency = clock.monotonic() - start
      // The host looked at its clock somewhere between question and answer, and rounded it down to 1 ms.
      const ahead = clock.now() - latency / 2 - (Number(row?.now) + 0.5)
      return { address: host.address, latency, ahead, error: latency / 2 + 0.5 }
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
