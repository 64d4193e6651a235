import type { Clock, Timer } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { framesOf, messagesOf, packMessage } from './link-frame.ts'
import type { LinkPeer, LinkTransport, Wire } from './link-transport.ts'
import type { LinkTopic } from './node-link.ts'

/** Milliseconds between two signs of life, and without one until the other side is taken for dead. */
export const beat = 500
export const silence = 1500
/** Milliseconds until a link that broke is dialled again: at first, and at most. */
const backOff = { first: 100, most: 2000 }
/** Bytes that may wait for a node that takes them slowly. */
const capacity = { transient: 256 * 1024, hint: 8 * 1024 * 1024, request: 8 * 1024 * 1024 }
const samplesKept = 8

/** Messages of the link itself. `start` and `gap` tell whether hints were lost. */
export const control = { start: '~start', gap: '~gap', ping: '~ping', pong: '~pong' }

/** What went over the links of a node. */
export interface LinkCounts {
  frames: number
  bytes: number
  /** Messages that were taken, by topic. */
  messages: Map<string, number>
  /** Messages that were not taken, because the link was down or too much waited in it. */
  dropped: number
}

interface OutgoingDependencies {
  transport: LinkTransport
  clock: Clock
  random: Random
  counts: LinkCounts
  /** Told whenever it comes up or goes down. */
  changed(up: boolean): void
}

/** The way from this node to one other: dialled again as long as the other is a member of the cluster. */
export class OutgoingLink {
  readonly peer: LinkPeer
  readonly #deps
  #wire: Wire | undefined
  #up = false
  #closed = false
  #failures = 0
  #redial: Timer | undefined
  #heardAt = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  /** Hints were dropped, or may have been on their way when the wire broke. */
  #gap
  #samples: { there: number; offset: number }[] = []

  /** `gap`: hints for this node were dropped before there was a link. */
  constructor(peer: LinkPeer, gap: boolean, deps: OutgoingDependencies) {
    this.peer = peer
    this.#gap = gap
    this.#deps = deps
    this.#dial()
  }

  get isUp(): boolean {
    return this.#up
  }

  /** What is to be added to a time of this node's clock to have the other's. */
  get offset(): number | undefined {
    let best: { there: number; offset: number } | undefined
    for (const sample of this.#samples) if (!best || sample.there < best.there) best = sample
    return best?.offset
  }

  /** False when it was dropped. */
  send(loss: LinkTopic<unknown>['loss'], message: Uint8Array): boolean {
    const waiting = this.#waitingBytes + (this.#wire?.buffered ?? 0)
    if (!this.#up || waiting > capacity[loss]) {
      if (loss === 'hint') this.#gap = true
      this.#deps.counts.dropped++
      return false
    }
    this.#push(message)
    return true
  }

  /** Called every `beat`. */
  tick(now: number, late: boolean): void {
    const wire = this.#wire
    if (!wire || !this.#up) return
    // Whoever was paused itself knows nothing of the others.
    if (late) this.#heardAt = now
    if (now - this.#heardAt > silence) return wire.terminate()
    if (this.#gap && this.#waitingBytes + wire.buffered < capacity.transient) {
      this.#gap = false
      this.#push(packMessage(control.gap, null))
    }
    this.#push(packMessage(control.ping, now))
  }

  /** Everything that waits is sent first. */
  close(): void {
    this.#closed = true
    this.#redial?.cancel()
    this.#flush()
    this.#wire?.close()
    this.#goDown()
  }

  #dial(): void {
    const { transport, clock } = this.#deps
    let wire: Wire | undefined
    wire = transport.dial(this.peer, {
      opened: () => {
        if (this.#closed || this.#wire !== wire) return
        this.#up = true
        this.#failures = 0
        this.#heardAt = clock.monotonic()
        this.#samples = []
        this.#push(packMessage(control.start, { gap: this.#gap }))
        this.#gap = false
        this.#push(packMessage(control.ping, this.#heardAt))
        this.#deps.changed(true)
      },
      message: (bytes) => this.#take(bytes),
      closed: () => {
        if (this.#wire !== wire) return
        this.#wire = undefined
        this.#goDown()
        if (!this.#closed) this.#dialLater()
      },
    })
    this.#wire = wire
  }

  #dialLater(): void {
    const { clock, random } = this.#deps
    const delay = Math.min(backOff.most, backOff.first * 2 ** this.#failures++)
    this.#redial = clock.after(delay * (0.5 + random.float() / 2), () => this.#dial())
  }

  #goDown(): void {
    this.#waiting = []
    this.#waitingBytes = 0
    if (!this.#up) return
    this.#up = false
    // What was on its way may be lost.
    this.#gap = true
    this.#deps.changed(false)
  }

  /** The other side says nothing on this wire but that it is there. */
  #take(bytes: Uint8Array): void {
    const now = this.#deps.clock.monotonic()
    this.#heardAt = now
    for (const [topic, body] of messagesOf(bytes)) {
      if (topic !== control.pong) continue
      const [sentAt, theirs] = body as [number, number]
      this.#samples.push({ there: now - sentAt, offset: theirs - (sentAt + now) / 2 })
      if (this.#samples.length > samplesKept) this.#samples.shift()
    }
  }

  #push(message: Uint8Array): void {
    if (this.#waiting.length === 0) this.#deps.clock.soon(() => this.#flush())
    this.#waiting.push(message)
    this.#waitingBytes += message.length
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    const { counts } = this.#deps
    for (const frame of framesOf(waiting)) {
      counts.frames++
      counts.bytes += frame.length
      this.#wire?.send(frame)
    }
  }
}
