import {
  type Codec,
  type Content,
  codecFor,
  type DownFrame,
  type ErrorFrame,
  type OkFrame,
  type Position,
  type Subprotocol,
  type WelcomeFrame,
} from '@parley/protocol'
import WebSocket from 'ws'
import type { History } from './history/history.ts'
import type { Account } from './raw-api.ts'

export interface RawClientOptions {
  /** `http://…`, as a server prints it. */
  url: string
  account: Account
  /** What happens is written down here. */
  history?: History
  subprotocol?: Subprotocol
  /** Milliseconds that anything may take which is waited for. */
  patience?: number
}

export interface SendOptions {
  replyTo?: number
  mentions?: string[]
}

export interface Closing {
  code: number
  reason: string
}

/** One socket that speaks the protocol as text says it: nothing is sent, acknowledged or repeated by itself. */
export class RawClient {
  readonly account: Account
  /** Numbers this session in the history. */
  readonly session: number
  /** Every frame that came. */
  readonly frames: DownFrame[] = []
  /** Resolves when the socket is gone. */
  readonly closed: Promise<Closing>
  readonly #socket: WebSocket
  readonly #codec: Codec
  readonly #history: History | undefined
  readonly #patience: number
  #waiting = new Set<() => void>()
  #sent = new Map<number, { conversation: string; clientMessageId: string }>()
  #ref = 0
  #closing: Closing | undefined
  #listener: ((frame: DownFrame) => void) | undefined

  private constructor(options: RawClientOptions, socket: WebSocket, codec: Codec) {
    this.account = options.account
    this.#history = options.history
    this.#patience = options.patience ?? 10_000
    this.#socket = socket
    this.#codec = codec
    this.session = options.history?.nextSession() ?? 0
    socket.on('message', (data: Buffer, isBinary) => this.#take(codec.decode(isBinary ? data : data.toString('utf8'))))
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#closing = { code, reason: reason.toString() }
        this.#wake()
        resolve(this.#closing)
      })
    })
    socket.on('error', () => {})
  }

  /** Opens the socket; `hello` is still to be said. @throws when there is no server */
  static async open(options: RawClientOptions): Promise<RawClient> {
    const subprotocol = options.subprotocol ?? 'parley.1.json'
    const url = `${options.url.replace(/^http/, 'ws')}/v1/socket`
    const socket = new WebSocket(url, [subprotocol], { handshakeTimeout: 10_000, perMessageDeflate: false })
    const client = new RawClient(options, socket, codecFor(subprotocol))
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    return client
  }

  /** Opens the socket and says hello. @throws when it is refused */
  static async connect(
    options: RawClientOptions & { cursor?: Position | null; window?: number },
  ): Promise<{ client: RawClient; welcome: WelcomeFrame }> {
    const client = await RawClient.open(options)
    return { client, welcome: await client.hello(options.cursor, options.window) }
  }

  get isOpen(): boolean {
    return this.#closing === undefined
  }

  /** Called with each frame as it comes, behind what is written down. */
  listen(listener: (frame: DownFrame) => void): void {
    this.#listener = listener
  }

  async hello(cursor?: Position | null, window?: number): Promise<WelcomeFrame> {
    const { token } = this.account
    this.#history?.add({ type: 'hello', ...this.#who, cursor })
    this.write({ t: 'hello', token, cursor, window })
    return this.waitFor((frame): frame is WelcomeFrame => frame.t === 'welcome')
  }

  /** Writes one frame, or several in one message. @throws when the socket is gone */
  write(frame: object): void {
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error('the socket is not open')
    this.#socket.send(this.#codec.encode(frame))
  }

  /** Any bytes, for what is no frame. */
  writeRaw(data: string | Uint8Array): void {
    this.#socket.send(data)
  }

  /** Writes a `send`; its answer comes as a frame with the `ref` that is returned. */
  startSend(conversation: string, clientMessageId: string, content: Content, options: SendOptions = {}): number {
    const ref = ++this.#ref
    const { user, device } = this.account
    this.#history?.add({ type: 'sent', user, device, conversation, clientMessageId, content, ...options })
    this.#sent.set(ref, { conversation, clientMessageId })
    this.write({ t: 'send', ref, conversation, clientMessageId, content, ...options })
    return ref
  }

  /** Sends and waits for the answer, whichever it is. */
  async send(
    conversation: string,
    clientMessageId: string,
    content: Content,
    options?: SendOptions,
  ): Promise<OkFrame | ErrorFrame> {
    return this.answerTo(this.startSend(conversation, clientMessageId, content, options))
  }

  /** Writes a frame with a new `ref` and waits for its answer. */
  async request(frame: { t: string; [key: string]: unknown }): Promise<OkFrame | ErrorFrame> {
    const ref = ++this.#ref
    this.write({ ...frame, ref })
    return this.answerTo(ref)
  }

  answerTo(ref: number): Promise<OkFrame | ErrorFrame> {
    const isAnswer = (frame: DownFrame): frame is OkFrame | ErrorFrame =>
      (frame.t === 'ok' || frame.t === 'error') && frame.ref === ref
    return this.waitFor(isAnswer)
  }

  ack(pos: Position): void {
    this.write({ t: 'ack', pos })
    this.#history?.add({ type: 'acked', ...this.#who, pos })
  }

  /** The first frame that matches, among those that came (from index `from` on) and those to come. */
  waitFor<Frame extends DownFrame>(matches: (frame: DownFrame) => frame is Frame, from?: number): Promise<Frame>
  waitFor(matches: (frame: DownFrame) => boolean, from?: number): Promise<DownFrame>
  async waitFor(matches: (frame: DownFrame) => boolean, from = 0): Promise<DownFrame> {
    const deadline = performance.now() + this.#patience
    for (let next = from; ; ) {
      for (; next < this.frames.length; next++) if (matches(this.frames[next]!)) return this.frames[next]!
      if (this.#closing) throw new Error(`closed with ${this.#closing.code} ${this.#closing.reason} while waiting`)
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`waited in vain; the last frames were ${JSON.stringify(this.frames.slice(-5))}`)
      await this.#changed(left)
    }
  }

  /** Closes as a client that leaves. */
  async close(code = 1000): Promise<Closing> {
    this.#socket.close(code)
    return this.closed
  }

  /** Drops the connection without a word. */
  drop(): void {
    this.#socket.terminate()
  }

  /** Stops and continues reading: a slow device. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  get #who() {
    const { user, device } = this.account
    return { user, device, session: this.session }
  }

  #take(data: unknown): void {
    for (const frame of (Array.isArray(data) ? data : [data]) as DownFrame[]) {
      this.frames.push(frame)
      this.#record(frame)
      this.#listener?.(frame)
    }
    this.#wake()
  }

  #record(frame: DownFrame): void {
    const history = this.#history
    if (!history) return
    switch (frame.t) {
      case 'welcome': {
        const { cursor, resume, window } = frame
        history.add({ type: 'welcome', ...this.#who, cursor, resume, window })
        break
      }
      case 'event':
        history.add({ type: 'event', ...this.#who, pos: frame.pos, update: frame.update })
        break
      case 'live':
        history.add({ type: 'live', ...this.#who, pos: frame.pos })
        break
      case 'ok':
      case 'error': {
        const sent = frame.ref === undefined ? undefined : this.#sent.get(frame.ref)
        if (!sent) break
        const { user, device } = this.account
        if (frame.t === 'error') history.add({ type: 'refused', user, device, ...sent, code: frame.code })
        else {
          const { seq, id, duplicate } = frame
          history.add({ type: 'ok', user, device, ...sent, seq: seq!, id: id!, duplicate })
        }
        break
      }
    }
  }

  #changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#waiting.add(done)
    })
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
