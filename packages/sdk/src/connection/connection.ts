import type { Addresses } from '../http/addresses.ts'
import { socketUrl } from '../http/addresses.ts'
import { backOff } from '../lib/back-off.ts'
import { wait } from '../lib/wait.ts'
import type { Replica } from '../store/replica.ts'
import type { Hello } from './socket-session.ts'
import type { ClosedReason, ConnectionState } from './state.ts'
import { afterError, afterSocket, type Next } from './way-down.ts'
import { Ways, type WaysDependencies } from './ways.ts'

/** So many sockets in a row that never got to `welcome` make polling worth a try. */
const failuresBeforePoll = 3
/** How long polling goes on before a socket is tried again; doubled each time, up to the longest. */
const shortestPoll = 15_000
const longestPoll = 600_000
/** A connection that lived so long starts the back-off anew when it breaks. */
const longEnough = 5_000

interface Dependencies extends WaysDependencies {
  addresses: Addresses
  client: string
  /** Ask the server for an allocated chat server before each connection. */
  allocate: boolean
}

/** Keeps one way to the server open: sockets, else long poll; with back-off between (rules K1–K3, L1). */
export class Connection {
  readonly #d
  readonly #ways
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
    this.#ways = new Ways(dependencies, (state) => this.#become(state))
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
    this.#socketFailures = 0
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
    const how = await this.#ways.socket(url, hello, signal)
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

  /** Polls until a socket is worth a try again, then answers nothing. */
  async #poll(signal: AbortSignal): Promise<Next | undefined> {
    const { addresses, environment } = this.#d
    const time = new AbortController()
    this.#become({ status: 'connecting', via: 'poll', url: addresses.current })
    const timer = environment.clock.after(this.#pollTime, () => time.abort())
    this.#pollTime = Math.min(2 * this.#pollTime, longestPoll)
    try {
      await this.#ways.poll(AbortSignal.any([signal, time.signal]))
    } catch (error) {
      if (!time.signal.aborted && !signal.aborted) {
        // Not the sockets: nothing gets through.
        this.#socketFailures = 0
        return afterError(error)
      }
    } finally {
      timer.cancel()
    }
    return undefined
  }
}

/** The server ended this device: its token is worth nothing. What is stored waits for the same user to log in. */
async function forgetToken(replica: Replica): Promise<void> {
  await replica.transact((tx) => {
    const { session } = tx
    if (session) tx.setSession({ user: session.user, device: session.device })
  })
}
