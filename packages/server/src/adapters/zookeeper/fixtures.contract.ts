import { systemClock } from '../../lib/clock.ts'
import { until } from '../../lib/stores.contract.ts'
import { ZooKeeperClient } from './client.ts'
import type { ZooKeeperConnection } from './connection.ts'
import { loadDriver } from './driver.ts'

/** A client of its own, connected. */
export async function connectClient(servers: string, session?: { id: Buffer; password: Buffer }) {
  const driver = await loadDriver()
  const withSession = {
    ...driver,
    createClient: (names: string, options: object) => {
      const also = session && { sessionId: session.id, sessionPassword: session.password }
      return driver.createClient(names, { ...options, ...also } as object)
    },
  } as typeof driver
  return new Promise<ZooKeeperClient>((resolve, reject) => {
    const client = new ZooKeeperClient(withSession, servers, 3000, systemClock, {
      connected: () => resolve(client),
      disconnected: () => {},
      expired: () => reject(new Error('the session is over')),
    })
    client.connect()
  })
}

/** Ends the session of a connection behind its back; resolves when it has noticed. */
export async function endSession(connection: ZooKeeperConnection, servers: string): Promise<void> {
  await until(() => connection.session !== undefined, 5000)
  const { session, password } = connection
  const isOver = () => connection.session !== session
  for (let tries = 0; tries < 10 && !isOver(); tries++) {
    // The connection may take its session back before this client has ended it.
    const client = await connectClient(servers, { id: Buffer.from(session!, 'hex'), password: password! }).catch(
      () => {},
    )
    await client?.close(2000)
    await until(isOver, 1000).catch(() => {})
  }
  if (!isOver()) throw new Error('the session could not be ended')
}

export async function removeTree(servers: string, path: string): Promise<void> {
  const client = await connectClient(servers)
  const remove = async (from: string): Promise<void> => {
    for (const name of await client.children(from)) await remove(`${from}/${name}`)
    await client.remove(from)
  }
  await remove(path)
  await client.close(2000)
}
