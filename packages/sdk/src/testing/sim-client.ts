import { Client } from '../client.ts'
import type { Clock } from '../lib/environment.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { StoredSession } from '../store/records.ts'
import type { Batch, Store } from '../store/store.ts'
import { FakeServer } from './fake-server.ts'
import { me } from './people.ts'
import { SimClock, seeded } from './sim-clock.ts'

/** A store whose steps take a while. */
export function slowStore(store: Store, clock: Clock, time: () => number): Store {
  let last: Promise<void> = Promise.resolve()
  const apply = async (batch: Batch): Promise<void> => {
    const ms = time()
    if (ms > 0) await new Promise<void>((resolve) => clock.after(ms, resolve))
    await store.apply(batch)
  }
  return {
    ...store,
    apply: (batch) => {
      last = last.then(() => apply(batch))
      return last
    },
  }
}

export interface World {
  clock: SimClock
  server: FakeServer
  store: Store
  /** A client over the store, as after a start of the program. */
  start(options?: { seed?: number; server?: string[]; allocate?: boolean; store?: Store }): Promise<Client>
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

/** Ends a client whose store takes time. */
export function closeClient({ clock }: World, client: Client): Promise<void> {
  return clock.settling('close', client.close())
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
