import {
  type Content,
  type DownFrame,
  type ErrorCode,
  type EventFrame,
  isRetryable,
  type Position,
  shouldReconnect,
  type Update,
} from '@parley/protocol'
import { isEntry } from './history/facts.ts'
import type { History } from './history/history.ts'
import { type Account, RawApi } from './raw-api.ts'
import { RawClient } from './raw-client.ts'
import { type Outgoing, RawOutbox } from './raw-outbox.ts'
import { RawWay, resolveUrl, type ServerUrl } from './raw-way.ts'

export interface RawDeviceOptions {
  url: ServerUrl
  account: Account
  history: History
  /** Acknowledges one event in so many. */
  ackEvery?: number
  window?: number
  /** Milliseconds between attempts to connect when no server said `bye`. */
  retry?: number
}

/**
 * A device with a store that survives its connections: cursor, applied entries and outbox, as the rules want it.
 * It reconnects until it is closed, and writes down what it does.
 */
export class RawDevice {
  readonly account: Account
  readonly api: RawApi
  readonly way: RawWay
  readonly #options
  readonly #history
  #client: RawClient | undefined
  #cursor: Position | null = null
  /** Highest seq applied without a hole, by conversation. */
  #applied = new Map<string, number>()
  /** Applied beyond a hole: own sends that were answered before what stands before them was told. */
  #ahead = new Map<string, Set<number>>()
  readonly #outbox = new RawOutbox((outgoing) => this.#transmit(outgoing))
  /** Sends of the present connection that wait for their answer. */
  #refs = new Map<number, Outgoing>()
  /** Events are taken in one after the other; a hole is filled before the next. */
  #intake: Promise<void> = Promise.resolve()
  #sinceAck = 0
  #closed = false
  #running: Promise<void> | undefined
  #live = false
  #failure: Error | undefined
  #waiting = new Set<() => void>()
  #names = 0

  constructor(options: RawDeviceOptions) {
    this.#options = options
    this.#history = options.history
    this.account = options.account
    this.way = new RawWay(options.url, options.retry ?? 25)
    this.api = new RawApi(resolveUrl(options.url), options.account.token)
  }

  /** Starts to connect; resolves when it was live for the first time. */
  async start(): Promise<void> {
    this.#running = this.#run()
    await this.until(() => this.#live && this.#cursor !== null)
  }

  /** Puts a message in the outbox; resolves when it was answered `ok`, over however many connections. */
  send(
    conversation: string,
    content: Content,
    clientMessageId = `${this.account.device}-${++this.#names}`,
  ): Promise<void> {
    return new Promise((resolve) => {
      this.#outbox.add({ conversation, clientMessageId, content, inFlight: false, settle: resolve })
    })
  }

  get waiting(): number {
    return this.#outbox.size
  }

  /** The connection is gone; the store stays, and another connection is made. */
  drop(): void {
    this.#client?.drop()
  }

  /** Highest seq applied without a hole. */
  appliedUpTo(conversation: string): number {
    return this.#applied.get(conversation) ?? 0
  }

  async until(condition: () => boolean, patience = 30_000): Promise<void> {
    const deadline = performance.now() + patience
    while (!condition()) {
      if (this.#failure) throw this.#failure
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`${this.account.device} waited in vain: ${condition}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left)
        const waiting = this.#waiting
        waiting.add(done)
        function done() {
          clearTimeout(timer)
          waiting.delete(done)
          resolve()
        }
      })
    }
  }

  /** Lets `until` look again at what this device does not know of. */
  poke(): void {
    this.#wake()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#client?.drop()
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#connected()
      } catch {
        // No server at the moment.
        this.#client?.drop()
      }
      this.#client = undefined
      this.#outbox.closed()
      const wait = this.way.lost()
      if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }

  async #connected(): Promise<void> {
    const { account, history, window } = this.#options
    const url = this.way.next()
    this.api.url = url
    const client = await RawClient.open({ url, account, history })
    this.#client = client
    this.#refs.clear()
    if (this.#closed) client.drop()
    client.listen((frame) => this.#take(client, frame))
    const welcome = await client.hello(this.#cursor, window)
    if (welcome.resume === 'reset') this.#reset()
    if (this.#cursor === null) await this.#startFresh(welcome.cursor)
    this.#outbox.opened()
    const { code } = await client.closed
    await this.#intake
    if (shouldReconnect(code) || this.#closed) return
    this.#failure = new Error(`${account.device} was told not to come back: ${code}`)
    this.#closed = true
    this.#wake()
  }

  /** Rule Y1: the inbox is read after `welcome`, and the cursor kept when that is done. */
  async #startFresh(cursor: Position): Promise<void> {
    const { user, device } = this.account
    const done = this.#intake.then(async () => {
      for (const { conversation } of await this.api.inbox()) {
        this.#history.add({ type: 'baseline', user, device, conversation: conversation.id, head: conversation.head })
        this.#applied.set(conversation.id, Math.max(this.appliedUpTo(conversation.id), conversation.head))
      }
      this.#cursor ??= cursor
      this.#wake()
    })
    this.#intake = done.catch(() => {})
    await done
  }

  #reset(): void {
    const { user, device } = this.account
    this.#cursor = null
    this.#applied.clear()
    this.#ahead.clear()
    this.#history.add({ type: 'reset', user, device })
  }

  #take(client: RawClient, frame: DownFrame): void {
    this.way.heard(frame)
    switch (frame.t) {
      case 'event':
        this.#intake = this.#intake.then(() => this.#takeEvent(client, frame)).catch(() => this.#giveUp(client))
        break
      case 'live':
        this.#intake = this.#intake.then(() => {
          this.#live = true
          this.#wake()
        })
        break
      case 'ok':
        if (frame.conversation !== undefined && frame.seq !== undefined)
          this.#answered(frame.ref, frame.conversation, frame.seq)
        break
      case 'error':
        if (frame.ref !== undefined) this.#refused(frame.ref, frame.code)
        break
    }
  }

  #transmit(outgoing: Outgoing): void {
    const client = this.#client
    if (!client?.isOpen) return
    const { conversation, clientMessageId, content } = outgoing
    try {
      this.#refs.set(client.startSend(conversation, clientMessageId, content), outgoing)
    } catch {
      // The socket is closing: the next connection sends it again.
    }
  }

  #answered(ref: number, conversation: string, seq: number): void {
    const outgoing = this.#refs.get(ref)
    this.#refs.delete(ref)
    this.#apply(conversation, seq)
    if (outgoing) this.#outbox.stored(outgoing)
    this.#wake()
  }

  #refused(ref: number, code: ErrorCode): void {
    const outgoing = this.#refs.get(ref)
    this.#refs.delete(ref)
    if (!outgoing) return
    if (isRetryable(code)) {
      this.#outbox.refused(outgoing)
      return
    }
    this.#failure = new Error(`${outgoing.clientMessageId} of ${this.account.device} was refused: ${code}`)
    this.#wake()
  }

  /** What was told behind an event that could not be taken in is told again: the cursor did not pass it. */
  #giveUp(client: RawClient): void {
    if (client === this.#client) this.#client = undefined
    client.drop()
  }

  async #takeEvent(client: RawClient, { pos, update }: EventFrame): Promise<void> {
    if (client !== this.#client) return
    if (isEntry(update)) {
      if (this.#joins(update))
        this.#applied.set(update.conversation, Math.max(this.appliedUpTo(update.conversation), update.seq - 1))
      if (update.seq > this.appliedUpTo(update.conversation) + 1) await this.#fill(update.conversation, update.seq)
      if (client !== this.#client) return
      this.#apply(update.conversation, update.seq)
    }
    this.#cursor = pos
    if (++this.#sinceAck < (this.#options.ackEvery ?? 1)) return
    this.#sinceAck = 0
    if (client.isOpen) client.ack(pos)
  }

  /** Rule Y8: on a jump the entries between are read. */
  async #fill(conversation: string, seq: number): Promise<void> {
    for (const entry of await this.api.entries(conversation, this.appliedUpTo(conversation), seq - 1)) {
      this.#apply(conversation, entry.seq)
    }
  }

  #joins(update: Update): boolean {
    const { user } = this.account
    if (update.kind === 'membership') return update.user === user && update.role !== null
    return update.kind === 'conversation' && (update.members?.some((member) => member.user === user) ?? false)
  }

  #apply(conversation: string, seq: number): void {
    const { user, device } = this.account
    let upTo = this.appliedUpTo(conversation)
    const ahead = this.#ahead.get(conversation) ?? new Set()
    this.#ahead.set(conversation, ahead)
    if (seq <= upTo || ahead.has(seq)) return
    ahead.add(seq)
    this.#history.add({ type: 'applied', user, device, conversation, seq })
    while (ahead.delete(upTo + 1)) upTo++
    this.#applied.set(conversation, upTo)
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
