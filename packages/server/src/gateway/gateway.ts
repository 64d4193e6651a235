import { type Codec, closeCode, type ErrorCode, type UpFrame } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { Hub } from '../delivery/hub.ts'
import { type Clock, sleep, type Timer } from '../lib/clock.ts'
import type { AppError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import type { Connection } from './connection.ts'
import type { Greeter } from './greeter.ts'
import type { AckHandler } from './handlers/ack.ts'
import type { AmendHandler } from './handlers/amend.ts'
import type { PresenceHandler } from './handlers/presence.ts'
import type { ReadHandler } from './handlers/read.ts'
import type { SendHandler } from './handlers/send.ts'
import { Session } from './session.ts'
import type { Opening, SessionOwner } from './session-owner.ts'

export interface Handlers {
  send: SendHandler
  amend: AmendHandler
  ack: AckHandler
  read: ReadHandler
  presence: PresenceHandler
}

export interface GatewayDependencies {
  hub: Hub
  greeter: Greeter
  handlers: Handlers
  /** Told when a session of a device may be delivered to. */
  came?: ((identity: Identity, openedAt: number) => void) | undefined
  /** Told when a session of a device is over. */
  left: (identity: Identity) => void
  clock: Clock
  logger: Logger
  /** Milliseconds in which a client must be heard. */
  heartbeat: number
  /** Told of every error that a client is answered with. */
  refused(code: ErrorCode): void
}

/** Milliseconds in which `hello` must come. */
const helloTime = 10_000
const sweepTime = 1000
/** A session whose queue was not read for so long is read again (rule Y5). */
const healTime = { foreground: 30_000, background: 240_000 }
const sweepSlices = 10
/** ms. Clients that have somewhere to go are sent there a few at a time: none waits for the others, no node is stormed. */
const moving = { step: 20, longest: 8_000, spread: 200 }
/** Moved in a step at least. */
const movedAtOnce = 20

/** The sessions of this node: lets them in, hands their frames to handlers, ends those that fell silent. */
export class Gateway implements SessionOwner {
  readonly #deps
  readonly #greeting = new Set<Session>()
  readonly #sessions = new Set<Session>()
  #seconds = 0
  #sweeper: Timer | undefined
  #nextSession = 1
  #draining = false
  #slice = 0

  constructor(deps: GatewayDependencies) {
    this.#deps = deps
  }

  get tick(): number {
    return this.#seconds
  }

  get connections(): number {
    return this.#greeting.size + this.#sessions.size
  }

  start(): void {
    this.#sweeper = this.#deps.clock.every(sweepTime, () => this.#sweep())
  }

  accept(connection: Connection, codec: Codec, address: string): Session {
    const session = new Session(`s${this.#nextSession++}`, codec, address, connection, this)
    session.openedAt = this.#deps.clock.monotonic()
    this.#greeting.add(session)
    if (this.#draining) session.close(closeCode.restart, 'this server is stopping')
    return session
  }

  open(session: Session, frame: Extract<UpFrame, { t: 'hello' }>): Promise<Opening> {
    return this.#deps.greeter.open(session, frame)
  }

  opened(session: Session): void {
    const { hub, handlers, came } = this.#deps
    this.#greeting.delete(session)
    this.#sessions.add(session)
    hub.add(session)
    if (!session.isClosed) hub.settleRivals(session)
    if (session.isClosed) return
    handlers.presence.opened(session)
    came?.(session.identity, session.openedAt)
  }

  closed(session: Session): void {
    this.#sessions.delete(session)
    this.#deps.hub.remove(session)
    this.#deps.handlers.presence.closed(session)
    this.#deps.left(session.identity)
  }

  handle(session: Session, frame: Exclude<UpFrame, { t: 'hello' }>): Promise<void> | undefined {
    const { handlers } = this.#deps
    switch (frame.t) {
      case 'read':
        return handlers.read.handle(session, frame)
      case 'send':
        handlers.send.handle(session, frame)
        break
      case 'ack':
        handlers.ack.handle(session, frame)
        break
      case 'edit':
      case 'delete':
      case 'react':
        handlers.amend.handle(session, frame)
        break
      case 'typing':
        handlers.presence.typing(session, frame)
        break
      case 'presence':
        handlers.presence.handle(session, frame)
        break
      case 'ping':
        session.send({ t: 'pong' })
        break
      default:
        frame satisfies never
    }
    return undefined
  }

  refused(session: Session, error: AppError): void {
    this.#deps.refused(error.code)
    if (error.code !== 'internal') return
    this.#deps.logger.error({ session: session.id, error: error.cause }, 'a frame failed')
  }

  /** Ends the sessions of a device that was logged out, or of a whole account. */
  revoke({ user, device }: Identity, reason: 'logged_out' | 'account_deleted'): void {
    const code = reason === 'logged_out' ? closeCode.loggedOut : closeCode.accountDeleted
    this.#deps.hub.bar(user, device, code, reason)
  }

  /**
   * Tells every client where to go (`elsewhere`), a few at a time, or to come back within `spread` ms (rule K3), and ends
   * its session. Until its turn comes each is served as before. Resolves when all were told.
   */
  async drain(spread: number, elsewhere: (identity: Identity) => string | undefined = () => undefined): Promise<void> {
    this.#draining = true
    const reason = 'this server is stopping'
    for (const session of [...this.#greeting]) session.close(closeCode.restart, reason)
    await this.moveAway(elsewhere, reason)
    this.#sweeper?.cancel()
    this.#sendAway([...this.#sessions], spread, reason)
  }

  /** Sends those away who have somewhere to go, as `drain` does, within `longest` ms; the others stay. */
  async moveAway(
    elsewhere: (identity: Identity) => string | undefined,
    reason: string,
    longest = moving.longest,
  ): Promise<void> {
    const all = [...this.#sessions]
    const most = Math.max(movedAtOnce, Math.ceil((all.length * moving.step) / longest))
    while (all.length > 0) {
      for (const session of all.splice(0, most)) {
        const url = session.isClosed ? undefined : elsewhere(session.identity)
        if (url === undefined) continue
        session.send({ t: 'bye', reason: 'restart', reconnect: true, after: 0, spread: moving.spread, url })
        session.close(closeCode.moved, reason)
      }
      if (all.length > 0) await sleep(this.#deps.clock, moving.step)
    }
  }

  /** Who is here may have been logged out meanwhile: everybody shows a token again. */
  readmit(spread: number): void {
    const reason = 'who you are has to be shown again'
    this.#sendAway([...this.#sessions], spread, reason)
    for (const session of [...this.#greeting]) session.close(closeCode.restart, reason)
  }

  #sendAway(sessions: readonly Session[], spread: number, reason: string): void {
    for (const session of sessions) {
      session.send({ t: 'bye', reason: 'restart', reconnect: true, after: 0, spread })
      session.close(closeCode.restart, reason)
    }
  }

  #sweep(): void {
    const { heartbeat } = this.#deps
    this.#seconds++
    for (const session of this.#greeting) {
      if (session.isClosed) this.#greeting.delete(session)
      else if (this.#seconds - session.heardAt > helloTime / sweepTime && session.awaitsHello) {
        session.close(closeCode.protocol, 'no hello')
      }
    }
    // A tenth of the sessions each second: no turn is long.
    this.#slice = (this.#slice + 1) % sweepSlices
    const silent = (2 * heartbeat) / sweepTime
    let index = 0
    for (const session of this.#sessions) {
      if (index++ % sweepSlices !== this.#slice) continue
      if (this.#seconds - session.heardAt > silent) session.close(closeCode.heartbeat, 'nothing was heard')
      else session.heal(session.background ? healTime.background : healTime.foreground)
    }
  }
}
