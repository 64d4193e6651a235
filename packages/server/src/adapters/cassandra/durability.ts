import { AppError } from '../../lib/errors.ts'
import type { Row } from './cql.ts'
import type { Host } from './driver.ts'

/** Asks a host about itself. */
export type AskHost = (host: Host, query: string) => Promise<readonly Row[]>

/** When each host that is up answers a write: `periodic` means before it is on disk. */
export async function commitlogSyncs(hosts: readonly Host[], ask: AskHost): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  await Promise.all(
    hosts
      .filter((host) => host.isUp())
      .map(async (host) => {
        const [row] = await ask(host, "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'").catch(
          // What speaks the protocol and has no such table does not say how it is set.
          (error: unknown) => {
            if (error instanceof AppError) throw error
            return []
          },
        )
        found.set(host.address, String(row?.value ?? 'unknown'))
      }),
  )
  return found
}

export const isDurable = (sync: string): boolean => sync === 'batch' || sync === 'group'

/** @throws Error when a power cut could take back what was acknowledged */
export function refuseUnsafe(syncs: ReadonlyMap<string, string>): void {
  const unsafe = [...syncs].filter(([, sync]) => !isDurable(sync))
  if (unsafe.length === 0) return
  const names = unsafe.map(([address, sync]) => `${address} (${sync})`).join(', ')
  throw new Error(
    `Cassandra acknowledges before it is on disk: commitlog_sync of ${names}. Set it to group or batch in cassandra.yaml, or say --unsafe-durability.`,
  )
}
