import { type CloseCode, type Codec, closeCode, type DownFrame, limits, type UpFrame } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { Event } from '../delivery/event.ts'
import type { LocalSession } from '../delivery/hub.ts'
import { AppError, toAppError } from '../lib/errors.ts'
import { AckWindow } from '../sync/ack-window.ts'
import type { Cursor } from '../sync/cursor.ts'
import type { QueueReader, ReaderSink } from '../sync/queue-reader.ts'
import { Answers, type Slot } from './answers.ts'
import type { Connection, ConnectionListener } from './connection.ts'
import { errorFrame } from './error-frame.ts'
import { sendEvent } from './event-frame.ts'
import { FrameLine, type FrameWork } from './frame-line.ts'
import { parseFrame } from './frames.ts'
import { Refusals } from './refusals.ts'
import type { Opening, SessionOwner } from './session-owner.ts'

type State =
  | { name: 'awaiting-hello' }
  | { name: 'checking-hello' }
  | { name: 'open'; identity: Identity; reader: QueueReader; window: AckWindow }
  | { name: 'closed'; identity: Identity | undefined }

const brokenFramesAllowed = 10
const ownSendsRemembered = 4096

/** One socket from hello to close, as a state machine. */
export class Session implements ConnectionListener, FrameWork, LocalSession, ReaderSink {
  readonly id: string
  readonly codec: Codec
  /** The client's address, for limits before it has said who it is. */
  readonly address: string
  readonly answers: Answers
  readonly refusals = new Refusals()
  /** When its connection came, by `clock.monotonic()`. */
  openedAt = 0
  /** `owner.tick` when the last frame came. */
  heardAt: number
  /** The client's app is in the background (it heals and beats less often). */
  background = false
  /** The newest position that the client has acknowledged or resumed from. */
  ackedUpTo: Cursor | undefined
  readonly #connection
  readonly #owner
  readonly #line
  #state: State = { name: 'awaiting-hello' }
  #paused = false
  #broken = 0
  /** Ids of entries that this session sent: `ok` stands for them (rule D7). */
  #ownSends: Set<string> | undefined

  constructor(id: string, codec: Codec, address: string, connection: Connection, owner: SessionOwner) {
    this.id = id
    this.codec = codec
    this.address = address
    this.#connection = connection
    this.#owner = owner
    this.heardAt = owner.tick
    this.answers = new Answers(connection)
    this.#line = new FrameLine(this)
  }

  get user(): string {
    return this.#identity?.user ?? ''
  }

  get device(): string {
    return this.#identity?.device ?? ''
  }

  get identity(): Identity {
    const identity = this.#identity
    if (!identity) throw new AppError('unauthenticated', 'Say hello first.')
    return identity
  }

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  get isClosed(): boolean {
    return this.#state.name === 'closed'
  }

  get awaitsHello(): boolean {
    return this.#state.name === 'awaiting-hello' || this.#state.name === 'checking-hello'
  }

  get congested(): boolean {
    return this.#connection.full
  }

  /** The window of the queue's events, once open. */
  get window(): AckWindow | undefined {
    return this.#state.name === 'open' ? this.#state.window : undefined
  }

  message(data: string | Uint8Array): void {
    this.heardAt = this.#owner.tick
    if (this.isClosed) return
    let input: unknown
    try {
      input = this.codec.decode(data)
    } catch {
      return this.#refuseFrame('This is not a frame.', undefined, undefined)
    }
    if (Array.isArray(input)) for (const one of input) this.#line.take(one)
    else this.#line.take(input)
    this.#regulate()
  }

  drained(): void {
    if (this.#state.name === 'open') this.#state.reader.resume()
    this.#regulate()
  }

  closed(): void {
    const { identity } = this.#state as { identity?: Identity }
    const wasOpen = this.#state.name === 'open'
    if (this.#state.name === 'open') this.#state.reader.close()
    if (this.isClosed) return
    this.#state = { name: 'closed', identity }
    this.#line.clear()
    if (wasOpen) this.#owner.closed(this)
  }

  offer(position: string, events: readonly Event[]): void {
    if (this.#state.name === 'open') this.#state.reader.offer(position, events)
  }

  wake(): void {
    if (this.#state.name === 'open') this.#state.reader.heal(0)
  }

  heal(interval: number): void {
    if (this.#state.name !== 'open') return
    // A socket tells of room only when it was full; whatever stopped this session, it goes on from here.
    this.drained()
    this.#state.reader.heal(interval)
  }

  sendTransient(frame: DownFrame): boolean {
    if (this.#state.name !== 'open' || this.congested) return false
    this.send(frame)
    return true
  }

  room(): number {
    if (this.#state.name !== 'open' || this.congested) return 0
    return this.#state.window.room
  }

  event(cursor: string, event: Event): void {
    if (this.#state.name !== 'open') return
    const { window, identity } = this.#state
    if (this.#ownSends?.delete(event.id)) return
    window.add(cursor, event)
    sendEvent(this.#connection, this.codec, cursor, event, identity.user)
  }

  live(cursor: string): void {
    if (this.#state.name !== 'open') return
    this.#state.window.addMark(cursor)
    this.send({ t: 'live', pos: cursor })
  }

  tooOld(): void {
    this.close(closeCode.restart, 'the queue went on without this device')
  }

  // For handlers.

  send(frame: DownFrame): void {
    if (!this.isClosed) this.#connection.send(this.codec.encode(frame))
  }

  /** An acknowledgement made room. */
  acknowledged(): void {
    if (this.#state.name !== 'open') return
    const { window, reader } = this.#state
    // Reading on in small steps would cost a read for each acknowledgement.
    if (window.outstanding <= window.size / 2) reader.resume()
  }

  noteOwnSend(id: string): void {
    this.#ownSends ??= new Set()
    if (this.#ownSends.size < ownSendsRemembered) this.#ownSends.add(id)
  }

  settle(slot: Slot, frame: DownFrame | string): void {
    if (this.isClosed) return
    this.answers.settle(slot, typeof frame === 'string' ? frame : this.codec.encode(frame))
    this.#line.advance()
    this.#regulate()
  }

  fail(slot: Slot, ref: number | undefined, error: unknown): void {
    const told = this.#told(error)
    this.settle(slot, errorFrame(told, ref))
  }

  close(code: CloseCode, reason: string): void {
    if (this.isClosed) return
    this.#connection.close(code, reason)
    this.closed()
  }

  // For its line of frames.

  hasRoom(): boolean {
    return this.answers.outstanding < limits.outstanding
  }

  execute(input: unknown): Promise<void> | undefined {
    if (this.isClosed) return undefined
    const parsed = parseFrame(input)
    if (!parsed.ok) {
      this.#refuseFrame(parsed.message, parsed.field, parsed.ref)
      return undefined
    }
    const { frame } = parsed
    if (this.#state.name === 'awaiting-hello') return this.#greet(frame)
    if (frame.t === 'hello') {
      this.#refuseFrame('This session is open already.', 't', undefined)
      return undefined
    }
    const refuse = (error: unknown): void =>
      this.send(errorFrame(this.#told(error), 'ref' in frame ? frame.ref : undefined))
    try {
      return this.#owner.handle(this, frame)?.catch(refuse)
    } catch (error) {
      refuse(error)
      return undefined
    }
  }

  // Frames, in order.

  get #identity(): Identity | undefined {
    return this.#state.name === 'open' || this.#state.name === 'closed' ? this.#state.identity : undefined
  }

  /** Reads from the peer only while there is room for what it sends, and it takes what it is sent. */
  #regulate(): void {
    const full = this.answers.outstanding + this.#line.waiting >= limits.outstanding || this.congested
    if (full === this.#paused || this.isClosed) return
    this.#paused = full
    if (full) this.#connection.pause()
    else this.#connection.resume()
  }

  #greet(frame: UpFrame): Promise<void> | undefined {
    if (frame.t === 'hello') {
      this.#state = { name: 'checking-hello' }
      return this.#open(frame)
    }
    this.send(errorFrame(this.#told(new AppError('invalid', 'The first frame is hello.', { field: 't' })), undefined))
    this.close(closeCode.protocol, 'no hello')
    return undefined
  }

  async #open(frame: Extract<UpFrame, { t: 'hello' }>): Promise<void> {
    let opening: Opening
    try {
      opening = await this.#owner.open(this, frame)
    } catch (error) {
      const told = this.#told(error)
      this.send(errorFrame(told, undefined))
      const overloaded = told.code === 'unavailable' || told.code === 'rate_limited' || told.code === 'internal'
      return this.close(overloaded ? closeCode.overloaded : closeCode.unauthenticated, told.code)
    }
    if (this.isClosed) return
    const { identity, window, cursor } = opening
    this.ackedUpTo = cursor
    const reader = opening.reader(this)
    this.#state = { name: 'open', identity, reader, window: new AckWindow(window) }
    this.send(opening.welcome)
    this.#owner.opened(this)
    reader.start()
  }

  #refuseFrame(message: string, field: string | undefined, ref: number | undefined): void {
    const error = this.#told(new AppError('invalid', message, field === undefined ? {} : { field }))
    if (this.awaitsHello) {
      this.send(errorFrame(error, ref))
      return this.close(closeCode.unauthenticated, 'wrong hello')
    }
    if (ref !== undefined) return this.settle(this.answers.open(), errorFrame(error, ref))
    this.send(errorFrame(error, undefined))
    this.#broken++
    if (this.#broken > brokenFramesAllowed) this.close(closeCode.protocol, 'too many broken frames')
  }

  #told(error: unknown): AppError {
    const told = toAppError(error)
    this.#owner.refused(this, told)
    return told
  }
}
