import { Client } from '../client.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { StoredSession } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { FakeServer } from './fake-server.ts'
import { me } from './people.ts'
import { SimClock, seeded } from './sim-clock.ts'

export interface World {
  clock: SimClock
  server: FakeServer
  store: Store
  /** A client over the store, as after a start of the program. */
  start(options?: { seed?: number; server?: string[]; allocate?: boolean }): Promise<Client>
}

export const session: StoredSession = {
  user: { id: me, username: 'anna', displayName: 'Anna' },
  device: { id: 'd1', name: 'test', createdAt: 1, current: true },
  token: 'token',
}

/** A fake server and a store with somebody logged in, on simulated time. */
export async function newWorld(): Promise<World> {
  const clock = new SimClock()
  const server = new FakeServer(clock)
  const store = memoryStore()
  await store.apply({ session })
  return {
    clock,
    server,
    store,
    start: ({ seed = 1, server: addresses = ['http://server.test'], ...options } = {}) => {
      const { openSocket, fetch } = server
      return Client.open({ server: addresses, store, clock, random: seeded(seed), openSocket, fetch, ...options })
    },
  }
}

/** A client that is connected and has everything. */
export async function liveClient(world: World): Promise<Client> {
  const client = await world.start()
  client.connect()
  await world.clock.until('live', () => client.state.status === 'live')
  // What it does in the background then is done, too.
  await world.clock.advance(20)
  return client
}
