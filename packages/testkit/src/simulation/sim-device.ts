import { type Client, createClient, memoryStore, type Store } from '@parley/client'
import type { History } from '../history/history.ts'
import type { Chance } from './chance.ts'
import type { Network } from './network.ts'
import { Outside } from './outside.ts'
import { recorder } from './recorder.ts'
import type { MachineClock, SimTime } from './sim-time.ts'

export interface DeviceWorld {
  time: SimTime
  chance: Chance
  network: Network
  history: History
  /** Planted: a store that keeps something else than it was given. */
  spoilStore: (store: Store) => Store
  /** It asks for its chat server before each connection. */
  allocate: boolean
}

/** One run of the program. What comes after its end does not reach it. */
interface Life {
  client: Client
  clock: MachineClock
  outside: Outside
}

/** A device of a user with a store that outlives its clients: the real client library, started again and again. */
export class SimDevice {
  readonly name
  readonly socketsAllowed
  readonly #world
  readonly #chance
  readonly #store: Store
  #skew: number
  #life: Life | undefined
  #ending: Promise<void> = Promise.resolve()
  user = ''
  device = ''

  constructor(name: string, socketsAllowed: boolean, world: DeviceWorld) {
    this.name = name
    this.socketsAllowed = socketsAllowed
    this.#world = world
    this.#chance = world.chance.fork()
    this.#store = world.spoilStore(memoryStore())
    this.#skew = this.#chance.between(-60_000, 60_000)
  }

  get client(): Client | undefined {
    return this.#life?.client
  }

  get isLive(): boolean {
    return this.#life?.client.state.status === 'live'
  }

  /** A first start: somebody registers, or logs in, on it. */
  async enter(username: string, how: 'register' | 'logIn'): Promise<void> {
    const client = await this.#open()
    const password = 'correct horse battery'
    const { user, device } = await client[how]({ username, password, device: { name: this.name } })
    this.user = user.id
    this.device = device.id
    await this.close()
    await this.start()
  }

  async start(): Promise<void> {
    await this.#ending
    if (this.#life) return
    const client = await this.#open()
    client.connect()
  }

  /** The program is ended, with its last steps stored. */
  async close(): Promise<void> {
    const life = this.#life
    this.#life = undefined
    if (!life) return
    this.#ending = life.client.close().then(() => life.clock.stop())
    await this.#ending
  }

  /** The program is gone from one moment to the next. */
  kill(): void {
    const life = this.#life
    this.#life = undefined
    life?.clock.stop()
    life?.outside.cut()
  }

  jump(ms: number): void {
    this.#skew += ms
    this.#life?.clock.jump(ms)
  }

  async #open(): Promise<Client> {
    const { time, network, history, allocate } = this.#world
    const clock = time.machine(this.#skew)
    const outside = new Outside({
      openSocket: network.sockets(network.balancer, () => this.socketsAllowed),
      fetch: network.fetch(network.balancer),
      observe: this.user ? recorder(history, { user: this.user, device: this.device }) : () => {},
    })
    const { random } = this.#chance.fork()
    const client = await createClient({
      server: 'http://node.sim',
      store: this.#slow(clock),
      clock,
      random,
      allocate,
      openSocket: outside.openSocket,
      fetch: outside.fetch,
      observe: outside.observe,
    })
    client.on('outbox', ({ item, seq }) => {
      const { conversation, kind } = item
      if (seq === undefined || kind === 'send') return
      history.add({ type: 'answered', user: this.user, device: this.device, conversation, seq })
    })
    this.#life = { client, clock, outside }
    return client
  }

  /** Steps of the store take a while, and are not done when the program is gone before their time. */
  #slow(clock: MachineClock): Store {
    let last: Promise<void> = Promise.resolve()
    const store = this.#store
    const apply = async (batch: Parameters<Store['apply']>[0]): Promise<void> => {
      const ms = this.#chance.is(0.05) ? this.#chance.between(0, 200) : this.#chance.between(0, 2)
      await new Promise<void>((resolve) => clock.after(ms, resolve))
      await store.apply(batch)
    }
    return {
      load: () => store.load(),
      messages: (conversation, range) => store.messages(conversation, range),
      close: async () => {},
      apply: (batch) => {
        last = last.then(() => apply(batch))
        return last
      },
    }
  }
}

/** How many things its outbox holds. */
export function pendingOf({ client }: SimDevice): number {
  if (!client) return 0
  return client.conversations({ left: true }).flatMap(({ id }) => client.conversation(id).pending()).length
}
