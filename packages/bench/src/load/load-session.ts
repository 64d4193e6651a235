import type { DownFrame, ErrorFrame, Update } from '@parley/protocol'
import { type Endpoint, WireSocket } from './wire-socket.ts'

export interface Credentials {
  token: string
}

export interface SessionEvents {
  /** Before the first frame: a session that answers its backlog needs itself while it opens. */
  opened?(session: LoadSession): void
  ok?(ref: number): void
  error?(frame: ErrorFrame): void
  event?(pos: string, update: Update): void
  /** A look at the bytes before they are parsed; true when nothing is left to do. */
  raw?(bytes: Buffer, from: number, to: number): boolean
  /** All frames of one read were given; what `raw` saw last is still there. */
  drained?(): void
  pong?(): void
  closed?(reason: string): void
}

/** One device: says hello, gives frames to its events, sends what it is told, keeps its heartbeat. */
export class LoadSession {
  #wire: WireSocket | undefined
  readonly #events: SessionEvents
  readonly #live = Promise.withResolvers<void>()
  #sent = true
  /** From `welcome`, or where a resume began. */
  cursor = ''
  user = ''
  resume = ''
  heartbeat = 30_000

  private constructor(events: SessionEvents) {
    this.#events = events
  }

  /** Resolves at `live`: the backlog was given before. */
  static async open(
    endpoint: Endpoint,
    hello: Credentials & { cursor?: string; window?: number },
    events: SessionEvents = {},
  ): Promise<LoadSession> {
    const session = new LoadSession(events)
    session.#wire = await WireSocket.open(endpoint, '/v1/socket', {
      message: (bytes, from, to) => session.#message(bytes, from, to),
      drained: () => {
        events.drained?.()
        session.#wire?.flush()
      },
      closed: (reason) => session.#ended(reason),
    })
    events.opened?.(session)
    session.send(JSON.stringify({ t: 'hello', ...hello, client: 'bench/1' }))
    session.flush()
    await session.#live.promise
    return session
  }

  /** Adds a frame to what the next flush writes; frames sent inside an event are flushed behind it. */
  send(frame: string): void {
    this.#sent = true
    this.#wire?.push(frame)
  }

  flush(): void {
    this.#wire?.flush()
  }

  ack(pos: string): void {
    this.send(`{"t":"ack","pos":"${pos}"}`)
  }

  /** Called twice per heartbeat period: pings when nothing was sent since the last call, so no gap is longer than one. */
  beat(): void {
    if (this.#sent) {
      this.#sent = false
      return
    }
    this.send('{"t":"ping"}')
    this.flush()
  }

  close(): void {
    this.#wire?.close()
  }

  #message(bytes: Buffer, from: number, to: number): void {
    if (this.#events.raw?.(bytes, from, to)) return
    const parsed: DownFrame | DownFrame[] = JSON.parse(bytes.toString('utf8', from, to))
    if (Array.isArray(parsed)) for (const frame of parsed) this.#frame(frame)
    else this.#frame(parsed)
  }

  #frame(frame: DownFrame): void {
    switch (frame.t) {
      case 'ok':
        this.#events.ok?.(frame.ref)
        return
      case 'event':
        this.#events.event?.(frame.pos, frame.update)
        return
      case 'welcome':
        this.cursor = frame.cursor
        this.user = frame.user
        this.resume = frame.resume
        this.heartbeat = frame.heartbeat
        return
      case 'live':
        this.cursor = frame.pos
        this.#live.resolve()
        return
      case 'pong':
        this.#events.pong?.()
        return
      case 'error':
        // A refused hello; after `live` this changes nothing.
        this.#live.reject(new Error(`${frame.code}: ${frame.message}`))
        this.#events.error?.(frame)
        return
    }
  }

  #ended(reason: string): void {
    this.#live.reject(new Error(reason))
    this.#events.closed?.(reason)
  }
}

const beatEveryMs = 20

/**
 * Beats for all sessions, spread over the period as independent devices would; sessions may be added later.
 * Returns how to stop.
 */
export function keepAlive(sessions: readonly Pick<LoadSession, 'beat'>[], period: number): () => void {
  const slices = Math.max(1, Math.floor(period / 2 / beatEveryMs))
  let slice = 0
  const timer = setInterval(() => {
    for (let index = slice; index < sessions.length; index += slices) sessions[index]?.beat()
    slice = (slice + 1) % slices
  }, beatEveryMs)
  return () => clearInterval(timer)
}
