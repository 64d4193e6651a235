import { type Clock, sleep, stopwatch } from '../../lib/clock.ts'
import type { Client, Host } from './driver.ts'

/** ms. */
const patience = { all: 20_000, look: 50, answer: 20_000 }

export function hostsUp(client: Client): Host[] {
  return client.hosts.values().filter((host) => host.isUp())
}

/** Waits until all hosts that are up know the tables that `host` made. Those that do not come to it are left behind. */
export async function agreement(client: Client, host: Host, clock: Clock): Promise<void> {
  const elapsed = stopwatch(clock)
  const ask = (query: string) => client.execute(query, [], { host, readTimeout: patience.answer })
  while (elapsed() < patience.all) {
    const [own, peers] = await Promise.all([
      ask('SELECT schema_version FROM system.local'),
      ask('SELECT peer, schema_version FROM system.peers'),
    ])
    const version = String(own.first()?.get('schema_version'))
    const up = new Set(hostsUp(client).map(({ address }) => address.slice(0, address.lastIndexOf(':'))))
    const others = peers.rows.filter((row) => up.has(String(row.get('peer'))))
    if (others.every((row) => String(row.get('schema_version')) === version)) return
    await sleep(clock, patience.look)
  }
}
