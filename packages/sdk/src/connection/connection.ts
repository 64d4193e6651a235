import { backOff } from '../lib/back-off.ts'
import { wait } from '../lib/wait.ts'
import type { Replica } from '../store/replica.ts'
import type { ClosedReason, ConnectionState } from './state.ts'
import { Targets, type TargetsDependencies } from './targets.ts'
import { afterError, afterSocket, type Next } from './way-down.ts'
import { Ways, type WaysDependencies } from './ways.ts'

/** So many sockets in a row that never got to `welcome` make polling worth a try. */
const failuresBeforePoll = 3
/** How long polling goes on before a socket is tried again; doubled each time, up to the longest. */
const shortestPoll = 15_000
const longestPoll = 600_000
/** A connection that lived so long starts the back-off anew when it breaks. */
const longEnough = 5_000

type Dependencies = WaysDependencies & TargetsDependencies

/** Keeps one way to the server open: sockets, else long poll; with back-off between (rules K1–K3, L1). */
export class Connection {
  readonly #d
  readonly #ways
  readonly #targets
  #state: ConnectionState = { status: 'closed', reason: 'new' }
  #run: AbortController | undefined
  #hurry: () => void = () => {}
  #socketFailures = 0
  #pollTime = shortestPoll
  /** Polls got through, and no socket since. */
  #polls = false
  /** Since when the last connection stood, if it did. */
  #stoodFrom: number | undefined

  constructor(dependencies: Dependencies) {
    this.#d = dependencies
    this.#ways = new Ways(dependencies, (state) => this.#become(state))
    this.#targets = new Targets(dependencies)
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
    if (state.status === 'catching-up') this.#stoodFrom = this.#d.environment.clock.now()
    this.#d.events.emit('state', state)
  }

  async #loop(run: AbortController): Promise<void> {
    const { clock, random } = this.#d.environment
    const { signal } = run
    let failures = 0
    while (!signal.aborted) {
      this.#stoodFrom = undefined
      const next = await this.#attempt(signal)
      if (signal.aborted) return
      if (next.do === 'close') {
        this.close(next.reason)
        return
      }
      failures = clock.now() - (this.#stoodFrom ?? clock.now()) >= longEnough ? 1 : failures + 1
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

  /** Tries one server after the other, without a pause, until one welcomes this device; then until that ends. */
  async #socket(signal: AbortSignal): Promise<Next> {
    const { addresses, environment, replica } = this.#d
    const targets = this.#targets
    this.#become({ status: 'connecting', via: 'socket', url: addresses.current })
    let delay: number | undefined
    let tried = 0
    for await (const { url, hello } of targets.round(signal)) {
      if (tried++ > 0) this.#become({ status: 'connecting', via: 'socket', url })
      const how = await this.#ways.socket(url, hello, signal, () => targets.reached())
      const next = afterSocket(how, environment.random)
      if (how.welcomed) {
        this.#socketFailures = 0
        this.#pollTime = shortestPoll
        this.#polls = false
      }
      // A ticket may be too old, or of a service that has another key by now: the token tells.
      const refusedTicket =
        !how.welcomed && next.do === 'close' && next.reason === 'unauthenticated' && 'ticket' in hello
      if (next.do === 'close') {
        if (refusedTicket && !signal.aborted) continue
        if (next.reason === 'logged-out') await forgetToken(replica)
        return next
      }
      if (next.moved) targets.moved(url, how.bye?.url)
      else if (how.welcomed) targets.lost(url)
      else targets.failed(url)
      if (how.welcomed || next.moved || signal.aborted) return next
      delay = next.delay ?? delay
    }
    this.#socketFailures++
    return { do: 'retry', delay }
  }

  /** Polls until a socket is worth a try again, then answers nothing. */
  async #poll(signal: AbortSignal): Promise<Next | undefined> {
    const { addresses, environment } = this.#d
    const time = new AbortController()
    this.#become({ status: 'connecting', via: 'poll', url: addresses.current })
    const timer = environment.clock.after(this.#pollTime, () => time.abort())
    try {
      await this.#ways.poll(AbortSignal.any([signal, time.signal]))
    } catch (error) {
      this.#polls ||= this.#stoodFrom !== undefined
      if (!time.signal.aborted && !signal.aborted) {
        // Not the sockets: nothing gets through. Where only polls do, every other attempt is one.
        this.#socketFailures = this.#polls ? failuresBeforePoll - 1 : 0
        return afterError(error)
      }
    } finally {
      timer.cancel()
    }
    this.#pollTime = Math.min(2 * this.#pollTime, longestPoll)
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
