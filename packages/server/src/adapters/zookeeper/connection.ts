import type { Clock } from '../../lib/clock.ts'
import { within } from '../../lib/deadline.ts'
import { elapsedSince, type Moment, momentOf } from '../../lib/elapsed.ts'
import { AppError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { Reconciler } from '../../lib/reconciler.ts'
import type { ClientListener, ZooKeeperCalls } from './client.ts'
import { isKind, ZooKeeperError } from './stored-node.ts'

/** Parts of the session's timeout: how often something is asked, how often written, and when silence is too long. */
const parts = { ping: 15, pulse: 8, silence: 3 }
const closePatience = 1_000

/**
 * A session that is replaced when it expires, on a connection that is given up when it is silent: the driver does
 * neither. Calls are refused while it is not connected, and have a deadline.
 */
export class ZooKeeperConnection {
  readonly #create
  readonly #clock
  readonly #logger
  readonly #root
  readonly #folders
  readonly #prepare
  #client: ZooKeeperCalls | undefined
  #session: string | undefined
  #connected = false
  #prepared: string | undefined
  #timeout: number
  /** When the server last showed signs of life. */
  #heard = 0
  #ticked = 0
  #pulsing = false
  /** When a call was sent that the leader has answered: at that moment the session was alive. */
  #confirmed: Moment
  #listeners: (() => void)[] = []
  #timers: { cancel(): void }[] = []
  #closed = false

  constructor(deps: {
    /** Makes a client that is not connected yet. */
    create: (listener: ClientListener) => ZooKeeperCalls
    /** What is asked for; the server may agree to another. */
    timeout: number
    root: string
    /** Below the root; made before anybody is told of a session. */
    folders: readonly string[]
    clock: Clock
    logger: Logger
  }) {
    this.#create = deps.create
    this.#timeout = deps.timeout
    this.#root = deps.root
    this.#folders = deps.folders
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#confirmed = momentOf(deps.clock)
    this.#prepare = new Reconciler(() => this.#prepareSession(), deps.clock)
  }

  /** The session that nobody said is over. */
  get session(): string | undefined {
    return this.#session
  }

  /** For tests: who knows it can end the session. */
  get password(): Buffer | undefined {
    return this.#client?.password
  }

  /** Of the session, ms. */
  get timeout(): number {
    return this.#timeout
  }

  /** Calls `listener` whenever there is a connection again, in the same session or a new one. */
  onReady(listener: () => void): void {
    this.#listeners.push(listener)
  }

  start(): void {
    this.#schedule()
    this.#open()
  }

  /** True while less than this share of the timeout has passed since the session was surely alive. */
  isSure(share: number): boolean {
    return this.#session !== undefined && elapsedSince(this.#clock, this.#confirmed) < this.#timeout * share
  }

  /** @throws ZooKeeperError */
  read<Answer>(ask: (client: ZooKeeperCalls) => Promise<Answer>): Promise<Answer> {
    return this.#ask(ask)
  }

  /** A call that the leader has to decide: its answer shows that the session was alive. @throws ZooKeeperError */
  async write<Answer>(ask: (client: ZooKeeperCalls) => Promise<Answer>): Promise<Answer> {
    const [sent, session] = [momentOf(this.#clock), this.#session]
    const confirm = (): void => {
      if (this.#session === session && sent.monotonic > this.#confirmed.monotonic) this.#confirmed = sent
    }
    try {
      const answer = await this.#ask(ask)
      confirm()
      return answer
    } catch (error) {
      if (error instanceof ZooKeeperError && error.isAnswer) confirm()
      throw error
    }
  }

  /** Ends the session, with everything that it holds. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) timer.cancel()
    await this.#prepare.stop()
    const client = this.#client
    const wasConnected = this.#connected
    this.#client = undefined
    this.#session = undefined
    this.#connected = false
    if (wasConnected) await client?.close(closePatience)
    else client?.abandon()
  }

  async #ask<Answer>(ask: (client: ZooKeeperCalls) => Promise<Answer>): Promise<Answer> {
    const client = this.#client
    if (!client || !this.#connected) throw new ZooKeeperError('lost', 'ZooKeeper is not connected.')
    try {
      const patience = this.#timeout / parts.silence
      const answer = await within(this.#clock, patience, ask(client), 'ZooKeeper did not answer in time.')
      this.#heard = this.#clock.monotonic()
      return answer
    } catch (error) {
      const failure = error instanceof AppError ? new ZooKeeperError('lost', error.message) : ZooKeeperError.of(error)
      if (failure.isAnswer) this.#heard = this.#clock.monotonic()
      throw failure
    }
  }

  #open(): void {
    if (this.#closed) return
    this.#heard = this.#clock.monotonic()
    const client = this.#create({
      connected: () => {
        if (this.#client !== client) return
        if (this.#session !== client.session) this.#logger.info({ session: client.session }, 'ZooKeeper: a new session')
        this.#session = client.session
        if (this.#timeout !== client.timeout) {
          this.#timeout = client.timeout
          this.#schedule()
        }
        this.#connected = true
        this.#heard = this.#clock.monotonic()
        void this.#pulse()
        this.#prepare.wake()
      },
      disconnected: () => {
        if (this.#client !== client) return
        if (this.#connected) this.#logger.warn({ session: this.#session }, 'ZooKeeper: the connection broke')
        this.#connected = false
        this.#heard = this.#clock.monotonic()
      },
      expired: () => {
        if (this.#client !== client) return
        this.#logger.warn({ session: this.#session }, 'ZooKeeper: the session expired')
        this.#session = undefined
        this.#connected = false
        this.#client = undefined
        client.abandon()
        this.#clock.soon(() => this.#open())
      },
    })
    this.#client = client
    client.connect()
  }

  #schedule(): void {
    for (const timer of this.#timers) timer.cancel()
    const every = (part: number, run: () => void) => this.#clock.every(Math.ceil(this.#timeout / part), run)
    this.#timers = [every(parts.ping, () => this.#watch()), every(parts.pulse, () => void this.#pulse())]
  }

  /** Ends a connection on which nothing comes, also one that was never answered. */
  #watch(): void {
    const now = this.#clock.monotonic()
    const slept = now - this.#ticked > this.#timeout / parts.silence
    this.#ticked = now
    // Who was stopped itself has heard nothing either.
    if (slept) this.#heard = Math.max(this.#heard, now - this.#timeout / parts.ping)
    const client = this.#client
    if (!client) return
    if (now - this.#heard >= this.#timeout / parts.silence) {
      this.#heard = now
      if (this.#connected) this.#logger.warn({ session: this.#session }, 'ZooKeeper: no answers, trying elsewhere')
      client.cut()
    } else if (this.#connected) {
      client.ping(this.#root).then(
        () => {
          this.#heard = this.#clock.monotonic()
        },
        () => {},
      )
    }
  }

  async #pulse(): Promise<void> {
    if (this.#pulsing || !this.#connected) return
    this.#pulsing = true
    await this.write((client) => client.set(`${this.#root}/pulse`, '')).catch(() => {})
    this.#pulsing = false
  }

  async #prepareSession(): Promise<void> {
    const session = this.#session
    if (!this.#connected || session === undefined) return
    if (this.#prepared !== session) {
      const names = this.#root.split('/').slice(1)
      const above = names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
      for (const path of [...above, ...this.#folders.map((name) => `${this.#root}/${name}`), `${this.#root}/pulse`]) {
        await this.write((client) => client.create(path, '', 'persistent')).catch((error) => {
          if (!isKind(error, 'exists')) throw error
        })
      }
      this.#prepared = session
    }
    for (const listener of this.#listeners) listener()
  }
}
