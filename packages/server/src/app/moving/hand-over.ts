import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { closeCode } from '@parley/protocol'
import type { DataFolder } from '../../adapters/sqlite/data-folder.ts'
import type { Hub } from '../../delivery/hub.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { LongPoll } from '../../gateway/long-poll.ts'
import { type Clock, stopwatch, type Timer } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { type Random, randomToken } from '../../lib/random.ts'
import type { Departure, MovedServer } from '../../migration/moved-server.ts'
import { forward, forwardSocket } from './forwarding.ts'
import { NewPlaces } from './new-places.ts'

type State =
  | { name: 'serving' }
  | { name: 'frozen'; freeze: string; elapsed: () => number; ms: number; timer: Timer }
  | { name: 'left'; places: NewPlaces; handedOver: boolean }

/** Milliseconds in which all sessions are sent away: none of them is served any more. */
const leaveTime = 500
/** Milliseconds that somebody waits at the door for a node that serves. */
const patience = 10_000
/** What this process says of itself, wherever the data is. */
const ownPaths = new Set(['/healthz', '/metrics'])
const changesNothing = new Set(['GET', 'HEAD', 'OPTIONS'])
const reason = 'the data of this server is elsewhere'

/**
 * A server whose data is taken elsewhere while it runs: it serves, for a moment writes nothing, and then is a gateway to
 * the nodes that have its data. Whoever comes in that moment waits at the door.
 */
export class HandOver implements MovedServer {
  readonly #folder
  readonly #gateway
  readonly #hub
  readonly #longPoll
  readonly #flush
  readonly #clock
  readonly #random
  readonly #logger
  #state: State = { name: 'serving' }
  #waiting: (() => void)[] = []

  constructor(deps: {
    folder: DataFolder
    gateway: Pick<Gateway, 'moveAway'>
    hub: Pick<Hub, 'endAll'>
    longPoll: Pick<LongPoll, 'sendBack'>
    /** Writes what is gathered in memory. */
    flush: () => Promise<void>
    clock: Clock
    random: Random
    logger: Logger
  }) {
    this.#folder = deps.folder
    this.#gateway = deps.gateway
    this.#hub = deps.hub
    this.#longPoll = deps.longPoll
    this.#flush = deps.flush
    this.#clock = deps.clock
    this.#random = deps.random
    this.#logger = deps.logger
  }

  /** `handed over`: clients were sent to the nodes. */
  get status(): 'serving' | 'frozen' | 'left' | 'handed over' {
    return this.#state.name === 'left' && this.#state.handedOver ? 'handed over' : this.#state.name
  }

  watch(name: string): Promise<void> {
    return this.#folder.watch(name)
  }

  unwatch(): Promise<void> {
    return this.#folder.unwatch()
  }

  forget(upTo: number): Promise<void> {
    return this.#folder.forget(upTo)
  }

  async freeze(ms: number): Promise<string> {
    await this.thaw()
    // What is gathered may be lost anyway (a crash would do so); most of it is not.
    await this.#flush().catch((error) => this.#logger.warn({ error }, 'something gathered was not written'))
    if (this.#state.name !== 'serving') throw conflict('Somebody else freezes or has moved this server.')
    const freeze = randomToken(this.#random, 8)
    const timer = this.#clock.after(ms, () => void this.thaw())
    this.#state = { name: 'frozen', freeze, elapsed: stopwatch(this.#clock), ms, timer }
    await this.#folder.freeze()
    return freeze
  }

  async thaw(): Promise<void> {
    if (this.#state.name !== 'frozen') return
    this.#state.timer.cancel()
    this.#state = { name: 'serving' }
    this.#folder.thaw()
    this.#wake()
  }

  async leave(freeze: string, departure: Departure): Promise<void> {
    const state = this.#state
    // Looked at again: a process that stood still may come to this before its timer.
    const isOver = state.name !== 'frozen' || state.freeze !== freeze || state.elapsed() >= state.ms
    if (isOver) throw conflict('The freeze is over: the server went on.')
    state.timer.cancel()
    this.#folder.leave(departure)
    const places = new NewPlaces(departure.nodes, this.#clock)
    this.#state = { name: 'left', places, handedOver: false }
    this.#wake()
    // They ask again, and wait at the door for whom the nodes have something.
    this.#longPoll.sendBack()
    void this.#sendAway(places)
  }

  stop(): void {
    if (this.#state.name === 'left') this.#state.places.stop()
  }

  /** Who comes with a request. False: it is for the routes. */
  ahead(request: IncomingMessage, response: ServerResponse): false | Promise<boolean> {
    if (this.#state.name === 'serving' || ownPaths.has(pathOf(request))) return false
    if (this.#state.name === 'frozen' && changesNothing.has(request.method ?? '')) return false
    return this.#decide(request, response)
  }

  /** Who comes for a socket. False: it is for the gateway. */
  aheadOfSocket(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    if (this.#state.name !== 'left') return false
    const { places } = this.#state
    socket.on('error', () => socket.destroy())
    void this.#untilReady(places).then(() => {
      const link = places.link()
      if (link) forwardSocket(request, socket, head, link)
      else socket.destroy()
    })
    return true
  }

  async #decide(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    while (this.#state.name === 'frozen') await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (this.#state.name === 'serving') return false
    const { places } = this.#state
    await this.#untilReady(places)
    const link = places.link()
    if (link) forward(request, response, link)
    else response.writeHead(503, { 'retry-after': '1', 'content-length': '0' }).end()
    return true
  }

  async #untilReady(places: NewPlaces): Promise<void> {
    if (places.anyReady) return
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(patience, resolve)
      void places.untilReady().then(() => {
        timer.cancel()
        resolve()
      })
    })
  }

  async #sendAway(places: NewPlaces): Promise<void> {
    await places.untilReady()
    // What waited to be written is sent again, by whoever sent it: nobody waits for it here.
    this.#folder.abandon()
    await this.#gateway.moveAway(({ user }) => places.of(user), reason, leaveTime)
    this.#hub.endAll(closeCode.moved, reason)
    if (this.#state.name === 'left') this.#state.handedOver = true
    this.#logger.info({}, 'clients were sent to the nodes that have the data now')
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}

const conflict = (message: string): AppError => new AppError('conflict', message)
const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0] ?? ''
