import type { Socket } from 'node:net'
import type { Client } from 'node-zookeeper-client'

export type Driver = typeof import('node-zookeeper-client')

/** @throws Error that names the package where it is missing */
export async function loadDriver(): Promise<Driver> {
  try {
    // Its names are not seen from here: it is CommonJS.
    return (await import('node-zookeeper-client')).default as Driver
  } catch (error) {
    throw new Error('ZooKeeper needs the package node-zookeeper-client: npm install node-zookeeper-client', {
      cause: error,
    })
  }
}

/**
 * What the driver does not show. It has no time limit for answers, and keeps what was read of half an answer over the
 * end of its connection.
 */
export interface DriverInternals extends Client {
  connectionManager: {
    socket?: Socket
    state: number
    pendingBuffer: Buffer | null
  }
}

/** State of the driver in which it does not connect again. */
export const closing = -1

/** Milliseconds at most between two rounds of tries to connect. */
const spinDelay = 500

export function createDriverClient(driver: Driver, servers: string, sessionTimeout: number): DriverInternals {
  return driver.createClient(servers, { sessionTimeout, spinDelay, retries: 0 }) as DriverInternals
}
