import { ClosedError, type ConnectionState, type Store, StoreView } from '@parley/client'
import type { UserId } from '@parley/protocol'
import { type Calls, type CallTarget, callsOver } from './calls.ts'
import type { Channel, DeviceEvent, TabMessage } from './channel.ts'
import type { DeviceEvents } from './device-events.ts'
import { Follower, isRepeatable, withName } from './follower.ts'
import { Leader } from './leader.ts'
import { Listeners } from './listeners.ts'
import { PresenceBook } from './presence-book.ts'
import { RefusedSends } from './refused-sends.ts'
import type { SharedRecords } from './shared-records.ts'
import { Typing } from './typing.ts'
import type { Draft } from './use-shared.ts'

/** The lead of this browser's tabs: `lead` runs in one of them, in the others when their turn comes. */
export type HoldLead = (lead: (lost: AbortSignal) => Promise<void>) => LeadLock

export interface LeadLock {
  /** From whoever has it. */
  take(): void
}

export interface DeviceParts {
  server: string
  /** A connection to the browser's store, of this tab's own. */
  openStore: () => Store
  channel: Channel
  holdLead: HoldLead
  newId: () => string
  records: <T>(name: string) => SharedRecords<T>
}

/** ms in which the tab that leads answers, unless the system has stopped it. */
const patience = 3000

/**
 * This browser as one device of its user, seen from one tab. Every tab reads the shared store itself; the client, its
 * connection and its outbox run in one of them, which does what the others ask.
 */
export class Device {
  readonly view: StoreView
  readonly calls: Calls
  readonly tab: string
  readonly drafts: SharedRecords<Draft>
  readonly refused: RefusedSends
  readonly typing = new Typing()
  readonly presence = new PresenceBook((watched) => this.attend({ watched }))
  readonly #parts
  readonly #reader
  readonly #events = new Listeners<DeviceEvents>()
  readonly #follower
  #lock: LeadLock = { take: () => {} }
  #onLeader: () => void = () => {}
  #leader: Leader | undefined
  #state: ConnectionState = { status: 'closed', reason: 'new' }
  /** Whose batches are followed; what another one says is of the past. */
  #followed: string | undefined
  #attention: { visible: boolean; watched: UserId[] } = { visible: true, watched: [] }

  private constructor(parts: DeviceParts, reader: Store, view: StoreView) {
    this.#parts = parts
    this.#reader = reader
    this.view = view
    this.tab = parts.newId()
    this.drafts = parts.records('draft')
    this.refused = new RefusedSends(parts.records('refused'))
    // What is typed belongs to who typed it.
    view.on('dropped', (what) => {
      if (what !== 'all') return
      this.drafts.clear()
      this.refused.records.clear()
    })
    this.#follower = new Follower(parts.channel, parts.newId)
    this.calls = callsOver((target, args) => this.#call(target, withName(target, args, parts.newId)))
  }

  static async open(parts: DeviceParts): Promise<Device> {
    const reader = parts.openStore()
    const early: TabMessage[] = []
    parts.channel.listen((message) => early.push(message))
    const device = new Device(parts, reader, await StoreView.open(reader))
    parts.channel.listen((message) => device.#hear(message))
    for (const message of early) device.#hear(message)
    parts.channel.post({ type: 'hello', tab: device.tab })
    device.#lock = parts.holdLead((lost) => device.#lead(lost))
    return device
  }

  /** Of the connection that all tabs share. */
  get state(): ConnectionState {
    return this.#state
  }

  /** True in the tab that runs the client. */
  get leads(): boolean {
    return this.#leader !== undefined
  }

  on<Name extends keyof DeviceEvents>(name: Name, listener: (event: DeviceEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** Whether somebody looks at this tab, and whose presence it shows. */
  attend(attention: { visible?: boolean; watched?: UserId[] }): void {
    this.#attention = { ...this.#attention, ...attention }
    const said = { type: 'attention', tab: this.tab, ...this.#attention } as const
    if (this.#leader) this.#leader.attend(said)
    else this.#parts.channel.post(said)
  }

  /** Somebody looks at this tab: the lead must be with one that answers, else it comes here. */
  async wake(): Promise<void> {
    this.attend({ visible: true })
    if (this.leads) return
    const heard = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), patience)
      this.#onLeader = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
    this.#parts.channel.post({ type: 'hello', tab: this.tab })
    if (!(await heard) && !this.leads) this.#lock.take()
  }

  async #call(target: CallTarget, args: unknown[]): Promise<unknown> {
    const leader = this.#leader
    if (!leader) return this.#follower.call(target, args)
    try {
      return await leader.perform(target, args)
    } catch (error) {
      // The lead went to another tab meanwhile; what was to be sent is in the store.
      const moved = error instanceof ClosedError && this.#leader !== leader && this.view.session !== undefined
      if (moved && isRepeatable(target)) return this.#follower.call(target, args)
      throw error
    }
  }

  async #lead(lost: AbortSignal): Promise<void> {
    const { server, openStore, channel, newId } = this.#parts
    const store = openStore()
    // Its last batches may not have been told.
    await this.view.reload(store)
    const leader = await Leader.start({
      id: newId(),
      server,
      store,
      channel,
      applied: (batch) => this.view.apply(batch),
      told: ({ name, event }) => this.#tell(name, event),
    })
    this.#leader = leader
    this.#followed = leader.id
    this.#tell('state', leader.state)
    leader.attend({ type: 'attention', tab: this.tab, ...this.#attention })
    this.#follower.handOver((target, args) => leader.perform(target, args))
    await new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve(), { once: true }))
    this.#leader = undefined
    this.#follower.unled()
    await leader.stop()
  }

  #tell<Name extends keyof DeviceEvents>(name: Name, event: DeviceEvents[Name]): void {
    this.#note({ name, event } as DeviceEvent)
    this.#events.tell(name, event)
  }

  #note(told: DeviceEvent): void {
    switch (told.name) {
      case 'state':
        this.#state = told.event
        if (told.event.status !== 'live') this.presence.forget()
        return
      case 'typing':
        this.typing.told(told.event.conversation, told.event.user, told.event.state)
        return
      case 'message':
        this.typing.told(told.event.conversation, told.event.sender, 'idle')
        return
      case 'presence':
        this.presence.told(told.event)
        return
      case 'refused':
        this.refused.told(told.event)
        return
      case 'device':
        return
    }
    told satisfies never
  }

  #hear(message: TabMessage): void {
    if (this.#leader) {
      this.#leader.hear(message)
      return
    }
    switch (message.type) {
      case 'leader':
        this.#onLeader()
        this.#follow(message.leader)
        this.#tell('state', message.state)
        this.attend({})
        return
      case 'batch':
        if (this.#followed === undefined) this.#followed = message.leader
        if (message.leader === this.#followed) this.view.apply(message.batch)
        return
      case 'event':
        if (message.leader === this.#followed) this.#tell(message.told.name, message.told.event as never)
        return
      case 'answer':
        this.#follower.answered(message)
        return
      case 'hello':
      case 'call':
      case 'abort':
      case 'attention':
        return
    }
    message satisfies never
  }

  #follow(leader: string): void {
    if (leader === this.#followed) return
    const before = this.#followed
    this.#followed = leader
    this.#follower.led()
    // What the one before stored last may never have been told.
    if (before !== undefined) void this.view.reload(this.#reader)
  }
}
