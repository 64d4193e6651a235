import type { DownFrame, ErrorCode, UpFrame } from '@parley/protocol'
import { limits } from '@parley/protocol'
import type { Socket, SocketEvents } from '../lib/environment.ts'
import type { FakeServer } from './fake-server.ts'
import { me } from './people.ts'

type Asked = Extract<UpFrame, { t: 'send' | 'edit' | 'delete' | 'react' }>

/** The server's end of a socket: hello, backlog, live, answers in order, refusals as rule D3 wants them. */
export class FakeSession {
  readonly url
  readonly #server
  readonly #events
  #ended = false
  #given: number | undefined
  #acked = 0
  #window = 256
  #live = false
  #muted = false
  /** conversation → the refused clientMessageId that must come again first. */
  readonly #refused = new Map<string, string>()
  readonly acks: string[] = []

  constructor(server: FakeServer, events: SocketEvents, url: string) {
    this.#server = server
    this.#events = events
    this.url = url
  }

  readonly socket: Socket = {
    send: (data) => {
      const frame = JSON.parse(data) as UpFrame
      this.#server.clock.after(1, () => this.#take(frame))
    },
    close: (code = 1000) => this.end(code),
  }

  opened(): void {
    if (this.#ended) return
    this.#server.sessions.push(this)
    this.#events.open()
  }

  /** Ends the connection; nothing that is under way arrives any more. */
  end(code: number): void {
    if (this.#ended) return
    this.#ended = true
    const { sessions } = this.#server
    if (sessions.includes(this)) sessions.splice(sessions.indexOf(this), 1)
    this.#events.close(code, '')
  }

  give(frame: DownFrame): void {
    this.giveText(JSON.stringify(frame))
  }

  giveText(text: string): void {
    this.#server.clock.after(1, () => {
      if (!this.#ended && !this.#muted) this.#events.message(text)
    })
  }

  /** From now on nothing arrives at either side, and nobody is told. */
  mute(): void {
    this.#muted = true
  }

  flow(): void {
    if (this.#given === undefined) return
    const { queue } = this.#server
    while (this.#given < queue.length && this.#given - this.#acked < this.#window) {
      const { update, origin } = queue[this.#given++]!
      if (update && origin !== this) this.give({ t: 'event', pos: String(this.#given), update })
    }
    if (this.#given === queue.length && !this.#live) {
      this.#live = true
      this.give({ t: 'live', pos: String(this.#given) })
    }
  }

  #take(frame: UpFrame): void {
    if (this.#ended || this.#muted) return
    this.#server.frames.push(frame)
    switch (frame.t) {
      case 'hello': {
        if (this.#server.silent) return
        if (this.#server.worthless.has(frame.token ?? frame.ticket ?? '')) return this.end(4100)
        const { cursor, resume, from } = this.#server.resumeAt(frame.cursor)
        const rest = { session: 's', user: me, device: 'd1', heartbeat: 30_000, window: 256, limits }
        this.give({ t: 'welcome', cursor, resume, time: this.#server.clock.now(), ...rest })
        this.#given = from
        this.#acked = from
        this.flow()
        return
      }
      case 'ping':
        this.give({ t: 'pong' })
        return
      case 'ack':
        this.acks.push(frame.pos)
        this.#acked = Math.max(this.#acked, Number(frame.pos))
        this.flow()
        return
      case 'read':
        this.#server.readUpTo(frame.conversation, frame.seq)
        if (frame.ref !== undefined) this.give({ t: 'ok', ref: frame.ref })
        return
      case 'send':
      case 'edit':
      case 'delete':
      case 'react':
        this.#asked(frame)
        return
      default:
        return
    }
  }

  #asked(frame: Asked): void {
    const fault = this.#server.fault(frame)
    if (fault === 'lost') {
      this.end(1006)
      return
    }
    const code = this.#refusal(frame, fault === 'refused')
    if (code) {
      this.give({ t: 'error', ref: frame.ref, code, message: 'refused', retryAfter: this.#server.retryAfter })
      return
    }
    const answer = frame.t === 'send' ? this.#server.send(frame, this) : this.#amend(frame)
    if (fault === 'unanswered') this.end(1006)
    else this.give({ t: 'ok', ref: frame.ref, ...answer })
  }

  /** Rule D3: what follows a refused send gets the same answer until that one comes again. */
  #refusal(frame: Asked, refuse: boolean): ErrorCode | undefined {
    if (frame.t !== 'send') return refuse ? 'unavailable' : undefined
    const held = this.#refused.get(frame.conversation)
    if (held !== undefined && held !== frame.clientMessageId) return 'unavailable'
    this.#refused.delete(frame.conversation)
    if (!refuse) return undefined
    this.#refused.set(frame.conversation, frame.clientMessageId)
    return 'unavailable'
  }

  #amend(frame: Exclude<Asked, { t: 'send' }>): { conversation: string; seq: number; id: string } {
    const { conversation, seq: target } = frame
    const seq = this.#server.log(conversation).length + 1
    const at = this.#server.clock.now()
    const common = { conversation, seq, target, at }
    if (frame.t === 'edit') this.#server.append({ kind: 'edit', ...common, content: frame.content, by: me }, this)
    if (frame.t === 'delete') this.#server.append({ kind: 'delete', ...common, by: me }, this)
    if (frame.t === 'react') this.#server.append({ kind: 'reaction', ...common, user: me, emoji: frame.emoji }, this)
    return { conversation, seq, id: this.#server.idOf(seq) }
  }
}
