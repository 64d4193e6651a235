import type { ClientEvents } from '../client-events.ts'
import type { Addresses } from '../http/addresses.ts'
import { socketUrl } from '../http/addresses.ts'
import type { Api } from '../http/api.ts'
import { backOff } from '../lib/back-off.ts'
import type { Emitter } from '../lib/emitter.ts'
import type { Environment } from '../lib/environment.ts'
import { wait } from '../lib/wait.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Replica } from '../store/replica.ts'
import type { SyncEngine } from '../sync/engine.ts'
import type { Source, Start } from '../sync/source.ts'
import { PollSession } from './poll-session.ts'
import { type Ended, type Hello, SocketSession } from './socket-session.ts'
import type { ClosedReason, ConnectionState, Via } from './state.ts'
import type { Way } from './way.ts'
import { afterError, afterSocket, type Next } from './way-down.ts'

/** So many sockets in a row that never got to `welcome` make polling worth a try. */
const failuresBeforePoll = 3
const patience = 10_000
/** How long polling goes on before a socket is tried again; doubled each time, up to the longest. */
const shortestPoll = 60_000
const longestPoll = 600_000
/** A connection that lived so long starts the back-off anew when it breaks. */
const longEnough = 5_000

interface Dependencies {
  environment: Environment
  addresses: Addresses
  api: Api
  replica: Replica
  engine: SyncEngine
  outbox: Outbox
  events: Emitter<ClientEvents>
  client: string
  /** Ask the server for an allocated chat server before each connection. */
  allocate: boolean
  /** A way is open for requests; undefined: it is gone. */
  onWay: (way: Way | undefined) => void
  /** The backlog is applied. */
  onLive: (signal: AbortSignal) => void
}

/** Keeps one way to the server open: sockets, else long poll; with back-off between (rules K1–K3, L1). */
export class Connection {
  readonly #d
  #state: ConnectionState = { status: 'closed', reason: 'new' }
  #run: AbortController | undefined
  #hurry: () => void = () => {}
  #socketFailures = 0
  #pollTime = shortestPoll
  /** Where the last socket went. */
  #url: string | undefined
  /** The next socket goes to an allocated server, not to `avoid`. */
  #allocation: { avoid: string | undefined } | undefined

  constructor(dependencies: Dependencies) {
    this.#d = dependencies
    if (dependencies.allocate) this.#allocation = { avoid: undefined }
  }

  get state(): ConnectionState {
    return this.#state
  }

  /** Starts to connect; a wait that is under way is cut short. */
  open(): void {
    if (this.#run) {
      this.#hurry()
      return
    }
    const run = new AbortController()
    this.#run = run
    void this.#loop(run)
  }

  close(reason: ClosedReason): void {
    this.#run?.abort(new DOMException('Closed.', 'AbortError'))
    this.#run = undefined
    this.#become({ status: 'closed', reason })
  }

  #become(state: ConnectionState): void {
    if (this.#state.status === 'closed' && state.status === 'closed' && this.#state.reason === state.reason) return
    this.#state = state
    this.#d.events.emit('state', state)
  }

  async #loop(run: AbortController): Promise<void> {
    const { clock, random } = this.#d.environment
    const { signal } = run
    let failures = 0
    while (!signal.aborted) {
      const started = clock.now()
      const next = await this.#attempt(signal)
      if (signal.aborted) return
      if (next.do === 'close') {
        this.close(next.reason)
        return
      }
      if (next.moved) this.#allocation = { avoid: this.#url }
      failures = clock.now() - started >= longEnough ? 1 : failures + 1
      const delay = next.delay ?? backOff(random, failures)
      await this.#pause(delay, failures, signal)
    }
  }

  async #pause(delay: number, failures: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#d.environment
    this.#become({ status: 'waiting', until: clock.now() + delay, failures })
    const hurry = new AbortController()
    this.#hurry = () => hurry.abort()
    await wait(clock, delay, AbortSignal.any([signal, hurry.signal])).catch(() => {})
    this.#hurry = () => {}
  }

  async #attempt(signal: AbortSignal): Promise<Next> {
    try {
      if (this.#socketFailures >= failuresBeforePoll) {
        const polled = await this.#poll(signal)
        if (polled || signal.aborted) return polled ?? { do: 'retry', delay: undefined }
      }
      return await this.#socket(signal)
    } catch (error) {
      return afterError(error)
    }
  }

  async #socket(signal: AbortSignal): Promise<Next> {
    const { addresses, environment, replica } = this.#d
    const address = addresses.current
    this.#become({ status: 'connecting', via: 'socket', url: address })
    const { url, hello } = await this.#target(address, signal)
    this.#url = url
    const { session, ended } = this.#openSocket(url, hello)
    const close = (): void => session.close()
    signal.addEventListener('abort', close, { once: true })
    const how = await ended
    signal.removeEventListener('abort', close)
    if (how.welcomed) {
      this.#socketFailures = 0
      this.#pollTime = shortestPoll
    } else {
      this.#socketFailures++
      addresses.failed(address)
      if (this.#d.allocate) this.#allocation = { avoid: url }
    }
    const next = afterSocket(how, environment.random)
    if (next.do === 'close' && next.reason === 'logged-out') await forgetToken(replica)
    return next
  }

  /** The configured address with the token, or an allocated server with a ticket: tokens go nowhere else (rule K5). */
  async #target(address: string, signal: AbortSignal): Promise<{ url: string; hello: Hello }> {
    const { api, replica, client, allocate } = this.#d
    const common = { cursor: replica.cursor ?? null, client }
    const allocation = this.#allocation
    // An allocated server that fails is not asked for again: the next try goes to the address that was configured.
    this.#allocation = allocate ? { avoid: undefined } : undefined
    if (allocation) {
      const { url, ticket } = await api.connect(allocation.avoid, { signal })
      return { url: socketUrl(new URL(url, address).href), hello: { ticket, ...common } }
    }
    return { url: socketUrl(address), hello: { token: replica.session?.token ?? '', ...common } }
  }

  #openSocket(url: string, hello: Hello): { session: SocketSession; ended: Promise<Ended> } {
    const { environment, engine, events } = this.#d
    const over = new AbortController()
    const { promise: ended, resolve } = Promise.withResolvers<Ended>()
    const source: Source = {
      signal: over.signal,
      acknowledge: (pos, count) => session.stored(pos, count),
      caughtUp: () => this.#live('socket', over.signal),
      failed: (error) => {
        events.emit('error', asError(error))
        session.close(4000)
      },
    }
    const session: SocketSession = new SocketSession(
      environment,
      { url, hello, patience },
      {
        greeting: () => this.#become({ status: 'greeting', url }),
        welcome: (frame) => void this.#begin('socket', session, source, frame),
        update: (pos, update) => engine.update(source, pos, update),
        live: () => engine.live(source),
        presence: ({ t: _, ...presence }) => events.emit('presence', presence),
        typing: ({ t: _, ...typing }) => events.emit('typing', typing),
        error: (error) => events.emit('error', error),
        ended: (how) => {
          this.#end(source, over)
          resolve(how)
        },
      },
    )
    return { session, ended }
  }

  /** Polls until a socket is worth a try again, then answers nothing. */
  async #poll(signal: AbortSignal): Promise<Next | undefined> {
    const { api, engine, environment, replica, events } = this.#d
    const over = new AbortController()
    const stop = AbortSignal.any([signal, over.signal])
    const session = new PollSession(api, environment.clock)
    const source: Source = {
      signal: over.signal,
      acknowledge: () => {},
      caughtUp: () => this.#live('poll', over.signal),
      failed: (error) => {
        events.emit('error', asError(error))
        over.abort(error)
      },
    }
    this.#become({ status: 'connecting', via: 'poll', url: this.#d.addresses.current })
    let timeUp = false
    const timer = environment.clock.after(this.#pollTime, () => {
      timeUp = true
      over.abort()
    })
    this.#pollTime = Math.min(2 * this.#pollTime, longestPoll)
    try {
      await session.run(
        () => replica.cursor,
        {
          begin: (start) => this.#begin('poll', session, source, start),
          update: (pos, update) => engine.update(source, pos, update),
          cursor: (pos) => engine.cursor(source, pos),
          live: () => engine.live(source),
        },
        stop,
      )
    } catch (error) {
      if (!timeUp && !signal.aborted) return afterError(error)
    } finally {
      timer.cancel()
      this.#end(source, over)
    }
    return undefined
  }

  async #begin(via: Via, way: Way, source: Source, start: Start): Promise<void> {
    this.#become({ status: 'catching-up', via })
    try {
      await this.#d.engine.begin(source, start)
    } catch (error) {
      if (!source.signal.aborted) source.failed(error)
      return
    }
    if (source.signal.aborted) return
    this.#d.outbox.attach(way)
    this.#d.onWay(way)
  }

  #live(via: Via, signal: AbortSignal): void {
    this.#become({ status: 'live', via })
    this.#d.onLive(signal)
  }

  #end(source: Source, over: AbortController): void {
    over.abort()
    this.#d.engine.end(source)
    this.#d.outbox.detach()
    this.#d.onWay(undefined)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** The server ended this device: its token is worth nothing. What is stored waits for the same user to log in. */
async function forgetToken(replica: Replica): Promise<void> {
  await replica.transact((tx) => {
    const { session } = tx
    if (session) tx.setSession({ user: session.user, device: session.device })
  })
}
