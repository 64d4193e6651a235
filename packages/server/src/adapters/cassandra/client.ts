import type { Logger } from '../../lib/logger.ts'
import type { CassandraUrl } from './connection-url.ts'
import { type Client, type Driver, retryPolicy, speculativeReads } from './driver.ts'

/**
 * All in ms. A statement, and what the driver repeats of it, ends within half of the time after which queue rows are
 * late (5 s), so that a write is known to be timely or is written again.
 */
const patience = { answer: 2_000, connect: 3_000, heartbeat: 5_000, reconnect: 1_000, speculate: 250 }

/** @throws Error when no host answers, or refuses who asks */
export async function connect(
  driver: Driver,
  url: CassandraUrl,
  logger: Logger,
  where: { dataCenter: string; keyspace: string } | undefined,
): Promise<Client> {
  const { username, password } = url
  const client = new driver.Client({
    contactPoints: url.contactPoints,
    ...(where && { localDataCenter: where.dataCenter, keyspace: where.keyspace }),
    ...(username !== undefined && { credentials: { username, password: password ?? '' } }),
    ...(url.tls && { sslOptions: { rejectUnauthorized: true } }),
    encoding: { map: Map, useUndefinedAsUnset: true },
    monitorReporting: { enabled: false },
    protocolOptions: {
      // Of hosts that are found by asking the others.
      port: url.port,
      // Who makes tables looks for agreement once, at the end.
      maxSchemaAgreementWaitSeconds: 0,
    },
    pooling: { heartBeatInterval: patience.heartbeat },
    socketOptions: { connectTimeout: patience.connect, readTimeout: patience.answer },
    policies: {
      // Before it is known which data centre is near, any host will do.
      ...(!where && { loadBalancing: new driver.policies.loadBalancing.RoundRobinPolicy() }),
      retry: retryPolicy(driver),
      reconnection: new driver.policies.reconnection.ConstantReconnectionPolicy(patience.reconnect),
      speculativeExecution: speculativeReads(patience.speculate),
    },
  })
  client.on('log', (level: string, part: string, text: string) => {
    if (level !== 'warning' && level !== 'error') return
    // What a host advises about a statement; the rest is about hosts that cannot be reached.
    const advice = text.startsWith('Received warning')
    logger[advice ? 'debug' : 'warn']({ part }, `Cassandra: ${text}`)
  })
  try {
    await client.connect()
  } catch (error) {
    await client.shutdown()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`Cassandra cannot be reached at ${url.contactPoints.join(', ')}: ${reason}`, { cause: error })
  }
  return client
}
