import type { Db, MongoClient } from 'mongodb'

export type { Db, MongoClient }

/** Milliseconds. Nothing here is worth waiting long for: what is not known is read from the queues. */
const limits = { select: 1_000, connect: 2_000, heartbeat: 2_000 }

/** What makes clients. @throws Error that names the package where it is missing, or what is wrong with the URL */
export async function loadDriver(url: string): Promise<() => MongoClient> {
  let driver: typeof import('mongodb')
  try {
    driver = await import('mongodb')
  } catch (error) {
    throw new Error('MongoDB needs the package mongodb: npm install mongodb', { cause: error })
  }
  const create = (): MongoClient => {
    const client = new driver.MongoClient(url, {
      appName: 'parley',
      serverSelectionTimeoutMS: limits.select,
      connectTimeoutMS: limits.connect,
      heartbeatFrequencyMS: limits.heartbeat,
      waitQueueTimeoutMS: limits.select,
      maxPoolSize: 8,
      // Every write is idempotent and renewed; sessions of the server, which repeating needs, are not asked for.
      retryWrites: false,
      w: 1,
    })
    // An `error` that nobody hears would end the process.
    client.on('error', () => {})
    return client
  }
  // A wrong URL is told now.
  await create().close()
  return create
}
