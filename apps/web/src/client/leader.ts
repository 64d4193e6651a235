import {
  type Batch,
  type Client,
  type ConnectionState,
  createClient,
  ParleyError,
  type Store,
  toldStore,
} from '@parley/client'
import type { Message, UserId } from '@parley/protocol'
import { type CallTarget, perform } from './calls.ts'
import type { Channel, DeviceEvent, TabMessage } from './channel.ts'
import type { DeviceEvents } from './device-events.ts'
import { toFailure } from './failures.ts'

export interface LeaderParts {
  /** Of this term: nobody else has it, before or after. */
  id: string
  server: string
  store: Store
  channel: Channel
  applied: (batch: Batch) => void
  told: (told: DeviceEvent) => void
}

type Attention = Extract<TabMessage, { type: 'attention' }>

/** The tab that runs the client: tells every tab what the store has and what happens, and does what they ask. */
export class Leader {
  readonly id
  readonly #client
  readonly #channel
  readonly #told
  readonly #underWay = new Map<string, AbortController>()
  readonly #attention = new Map<string, Attention>()
  #watched = new Set<UserId>()
  readonly #askedAgain = new Set<string>()
  /** As the server told it last; a tab that begins to watch is told it again. */
  readonly #presence = new Map<UserId, DeviceEvents['presence']>()

  private constructor(client: Client, { id, channel, told }: LeaderParts) {
    this.id = id
    this.#client = client
    this.#channel = channel
    this.#told = told
  }

  static async start(parts: LeaderParts): Promise<Leader> {
    const { id, channel, applied, server } = parts
    const store = toldStore(parts.store, (batch) => {
      applied(batch)
      channel.post({ type: 'batch', leader: id, batch })
    })
    const leader = new Leader(await createClient({ server, store, client: 'web/0.1', allocate: false }), parts)
    leader.#begin()
    return leader
  }

  get state(): ConnectionState {
    return this.#client.state
  }

  #begin(): void {
    const client = this.#client
    for (const name of ['message', 'presence', 'typing', 'device', 'state'] as const) {
      client.on(name, (event) => this.#tell({ name, event } as DeviceEvent))
    }
    client.on('outbox', ({ item, error }) => {
      if (!error) return
      const code = error instanceof ParleyError ? error.code : error.name
      this.#tell({ name: 'refused', event: { item, code, message: error.message } })
    })
    client.on('message', (message) => this.#askAgain(message))
    client.on('error', (error) => console.error(error))
    this.#announce()
    if (client.session?.token !== undefined) client.connect()
  }

  perform(target: CallTarget, args: unknown[]): Promise<unknown> {
    return perform(this.#client, target, args)
  }

  hear(message: TabMessage): void {
    if (message.type === 'hello') this.#announce()
    if (message.type === 'attention') this.attend(message)
    if (message.type === 'abort') this.#underWay.get(message.id)?.abort()
    if (message.type === 'call') void this.#answer(message)
  }

  /** Seen by somebody in any tab: active. Watched are all whom any tab shows. */
  attend(attention: Attention): void {
    const before = new Set(this.#attention.get(attention.tab)?.watched)
    this.#attention.set(attention.tab, attention)
    const all = [...this.#attention.values()]
    const watched = new Set(all.flatMap((tab) => tab.watched))
    const gone = [...this.#watched].filter((user) => !watched.has(user))
    const { presence } = this.#client
    presence.setStatus(all.some(({ visible }) => visible) ? 'active' : 'away')
    if (gone.length > 0) presence.unwatch(gone)
    presence.watch([...watched])
    this.#watched = watched
    for (const user of gone) this.#presence.delete(user)
    for (const user of attention.watched) {
      const event = this.#presence.get(user)
      if (event && !before.has(user)) this.#tell({ name: 'presence', event })
    }
  }

  /** What is asked of it is not done any more; what is to be sent stays in the store. */
  async stop(): Promise<void> {
    await this.#client.close()
  }

  /** Two who never said anything to each other are not told of: once they did, they may be. */
  #askAgain({ conversation, sender }: Message): void {
    const { presence } = this.#client
    const peer = this.#client.conversation(conversation).state?.peer?.id
    const asked = `${peer} ${sender}`
    if (peer === undefined || !this.#watched.has(peer) || this.#presence.has(peer) || this.#askedAgain.has(asked))
      return
    this.#askedAgain.add(asked)
    presence.unwatch([peer])
    presence.watch([peer])
  }

  #announce(): void {
    this.#channel.post({ type: 'leader', leader: this.id, state: this.#client.state })
  }

  #tell(told: DeviceEvent): void {
    if (told.name === 'presence') this.#presence.set(told.event.user, told.event)
    if (told.name === 'state' && told.event.status !== 'live') this.#presence.clear()
    this.#told(told)
    this.#channel.post({ type: 'event', leader: this.id, told })
  }

  async #answer({ id, target, args, abortable }: Extract<TabMessage, { type: 'call' }>): Promise<void> {
    const controller = new AbortController()
    this.#underWay.set(id, controller)
    try {
      const value = await perform(this.#client, target, withSignal(args, abortable, controller.signal))
      this.#channel.post({ type: 'answer', id, value })
    } catch (error) {
      this.#channel.post({ type: 'answer', id, failure: toFailure(error) })
    } finally {
      this.#underWay.delete(id)
    }
  }
}

/** Whoever asked may take it back, where they could here. */
function withSignal(args: unknown[], at: number | undefined, signal: AbortSignal): unknown[] {
  return at === undefined ? args : args.with(at, { ...(args[at] as object), signal })
}
