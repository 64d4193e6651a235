import {
  type ByeFrame,
  type DownFrame,
  type ErrorFrame,
  type PresenceDownFrame,
  subprotocols,
  type TypingDownFrame,
  type Update,
  type UpFrame,
  type WelcomeFrame,
} from '@parley/protocol'
import type { Clock, OpenSocket, Socket, Timer } from '../lib/environment.ts'
import type { ParleyError } from '../lib/errors.ts'
import type { SendResult } from '../outbox/sender.ts'
import type { OutboxItem } from '../store/records.ts'
import { AckGatherer } from './ack-gatherer.ts'
import { frameOf } from './frame-of.ts'
import { Heartbeat } from './heartbeat.ts'
import { errorOf, Pending } from './pending.ts'
import type { Way } from './way.ts'

export interface Ended {
  code: number
  welcomed: boolean
  bye: ByeFrame | undefined
  /** The last error that was no answer to a frame. */
  error: ParleyError | undefined
}

export interface SessionEvents {
  /** The socket is open and `hello` was sent. */
  greeting(): void
  welcome(frame: WelcomeFrame): void
  update(pos: string, update: Update): void
  live(pos: string): void
  /** An acknowledgement left. */
  acked(pos: string): void
  presence(frame: PresenceDownFrame): void
  typing(frame: TypingDownFrame): void
  /** An error that is no answer to a frame. */
  error(error: ParleyError): void
  /** Told once; nothing follows. */
  ended(how: Ended): void
}

export type Hello = ({ token: string } | { ticket: string }) & { cursor: string | null; client: string }

const window = 256
const byePatience = 5000

/** One socket from its opening to its end. */
export class SocketSession implements Way {
  readonly pipelined = true
  readonly window = 32
  readonly #clock
  readonly #events
  readonly #socket: Socket
  readonly #pending = new Pending()
  readonly #acks
  #heartbeat: Heartbeat | undefined
  #deadline: Timer | undefined
  #welcomed = false
  #open = false
  #ended = false
  #bye: ByeFrame | undefined
  #error: ParleyError | undefined

  constructor(
    tools: { clock: Clock; openSocket: OpenSocket },
    to: { url: string; hello: Hello; patience: number },
    events: SessionEvents,
  ) {
    this.#clock = tools.clock
    this.#events = events
    this.#acks = new AckGatherer(tools.clock, (pos) => {
      events.acked(pos)
      this.#send({ t: 'ack', pos })
    })
    this.#deadline = this.#clock.after(to.patience, () => this.close(4000))
    this.#socket = tools.openSocket(to.url, [subprotocols[0]], {
      open: () => this.#opened(to.hello),
      message: (data) => this.#received(data),
      close: (code) => this.#end(code),
    })
  }

  async submit(item: OutboxItem): Promise<SendResult> {
    const { seq, id, sentAt, duplicate } = await this.#pending.ask((ref) => this.#send(frameOf(item, ref)))
    return {
      ...(seq !== undefined && { seq }),
      ...(id !== undefined && { id }),
      ...(sentAt !== undefined && { sentAt }),
      ...(duplicate && { duplicate }),
    }
  }

  async read(conversation: string, seq: number): Promise<void> {
    await this.#pending.ask((ref) => this.#send({ t: 'read', conversation, seq, ref }))
  }

  typing(conversation: string, state: 'typing' | 'recording' | 'idle'): void {
    this.#send({ t: 'typing', conversation, state })
  }

  presence(status: 'active' | 'away', watch: string[], unwatch: string[]): void {
    const changes = { ...(watch.length > 0 && { watch }), ...(unwatch.length > 0 && { unwatch }) }
    this.#send({ t: 'presence', status, ...changes })
  }

  stored(pos: string, count: number): void {
    if (!this.#ended) this.#acks.stored(pos, count)
  }

  close(code = 1000): void {
    if (this.#ended) return
    if (this.#welcomed) this.#acks.flush()
    const ours = code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000
    this.#socket.close(ours)
    this.#end(code)
  }

  #opened(hello: Hello): void {
    this.#open = true
    this.#send({ t: 'hello', window, ...hello })
    this.#events.greeting()
  }

  #send(frame: UpFrame): void {
    if (this.#ended || !this.#open) return
    this.#heartbeat?.sent()
    this.#socket.send(JSON.stringify(frame))
  }

  #received(data: string): void {
    if (this.#ended) return
    this.#heartbeat?.heard()
    let frames: DownFrame | DownFrame[]
    try {
      frames = JSON.parse(data) as DownFrame | DownFrame[]
    } catch {
      this.close(4000)
      return
    }
    for (const frame of Array.isArray(frames) ? frames : [frames]) {
      if (!this.#ended) this.#take(frame)
    }
  }

  #take(frame: DownFrame): void {
    switch (frame.t) {
      case 'welcome':
        this.#welcome(frame)
        break
      case 'event':
        this.#events.update(frame.pos, frame.update)
        break
      case 'live':
        this.#events.live(frame.pos)
        break
      case 'ok':
        this.#pending.ok(frame)
        break
      case 'error':
        this.#refused(frame)
        break
      case 'presence':
        this.#events.presence(frame)
        break
      case 'typing':
        this.#events.typing(frame)
        break
      case 'bye':
        this.#leave(frame)
        break
      case 'pong':
        break
      default:
        // A client ignores what it does not know.
        break
    }
  }

  #welcome(frame: WelcomeFrame): void {
    this.#deadline?.cancel()
    this.#welcomed = true
    this.#heartbeat = new Heartbeat(this.#clock, frame.heartbeat, {
      ping: () => this.#send({ t: 'ping' }),
      dead: () => this.close(4002),
    })
    this.#events.welcome(frame)
  }

  /** The server is about to close; should it forget to, this side does. */
  #leave(bye: ByeFrame): void {
    this.#bye = bye
    this.#acks.flush()
    this.#deadline?.cancel()
    this.#deadline = this.#clock.after(byePatience, () => this.close(4000))
  }

  #refused(frame: ErrorFrame): void {
    if (frame.ref !== undefined) {
      this.#pending.refuse(frame.ref, frame)
      return
    }
    this.#error = errorOf(frame)
    this.#events.error(this.#error)
  }

  #end(code: number): void {
    if (this.#ended) return
    this.#ended = true
    this.#deadline?.cancel()
    this.#heartbeat?.stop()
    this.#acks.stop()
    this.#pending.lost()
    this.#events.ended({ code, welcomed: this.#welcomed, bye: this.#bye, error: this.#error })
  }
}
