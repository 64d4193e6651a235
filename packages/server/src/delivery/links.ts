import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { Lru } from '../lib/lru.ts'
import type { Random } from '../lib/random.ts'
import { messagesOf, packMessage } from './link-frame.ts'
import type { LinkPeer, LinkTransport, Wire, WireListener } from './link-transport.ts'
import type { LinkListener, LinkTopic, NodeLink } from './node-link.ts'
import { beat, control, type LinkCounts, OutgoingLink, silence } from './outgoing-link.ts'

interface Incoming {
  wire: Wire
  heardAt: number
}

const strangersRemembered = 256

/** The links of one node: one wire to each other node for what it says, one from each for what it hears. */
export class Links implements NodeLink {
  readonly counts: LinkCounts = { frames: 0, bytes: 0, messages: new Map(), dropped: 0 }
  readonly #deps
  #outgoing = new Map<string, OutgoingLink>()
  #incoming = new Map<string, Incoming>()
  #handlers = new Map<string, (body: never, from: string) => void>()
  #listeners: LinkListener[] = []
  /** Nodes that hints were meant for while there was no link to them. */
  #missing = new Lru<string, true>(strangersRemembered)
  #up = new Set<string>()
  #linked: string[] = []
  #ticker: Timer
  #tickedAt: number

  constructor(deps: { self: string; transport: LinkTransport; clock: Clock; random: Random; logger: Logger }) {
    this.#deps = deps
    const { transport, clock } = deps
    this.#tickedAt = clock.monotonic()
    this.#ticker = clock.every(beat, () => this.#tick())
    transport.serve((from, wire) => this.#accept(from, wire))
  }

  get linked(): readonly string[] {
    return this.#linked
  }

  /** The nodes whose links are open both ways. */
  get up(): number {
    return this.#up.size
  }

  isUp(node: string): boolean {
    return this.#up.has(node)
  }

  /** The other nodes that there are now. A link to one that is gone is closed; one to a new one is opened. */
  setPeers(peers: readonly LinkPeer[]): void {
    const others = peers.filter(({ id, link }) => id !== this.#deps.self && link !== '')
    for (const [id, link] of [...this.#outgoing]) {
      const peer = others.find((other) => other.id === id)
      if (peer?.link === link.peer.link) continue
      link.close()
      this.#outgoing.delete(id)
      this.#changed(id)
    }
    for (const peer of others) {
      if (this.#outgoing.has(peer.id)) continue
      const { transport, clock, random } = this.#deps
      const changed = (): void => this.#changed(peer.id)
      const gap = this.#missing.get(peer.id) ?? false
      this.#missing.delete(peer.id)
      this.#outgoing.set(
        peer.id,
        new OutgoingLink(peer, gap, { transport, clock, random, counts: this.counts, changed }),
      )
    }
  }

  send<Body>(node: string, { name, loss }: LinkTopic<Body>, body: Body): boolean {
    const link = this.#outgoing.get(node)
    if (!link) {
      if (loss === 'hint') this.#missing.set(node, true)
      return false
    }
    // Nothing is encoded for a link that is down, but it has to know.
    const taken = link.send(loss, link.isUp ? packMessage(name, body) : nothing)
    if (taken) this.#count(name)
    return taken
  }

  broadcast<Body>({ name, loss }: LinkTopic<Body>, body: Body): void {
    if (this.#outgoing.size === 0) return
    const message = packMessage(name, body)
    for (const link of this.#outgoing.values()) if (link.send(loss, message)) this.#count(name)
  }

  listen<Body>({ name }: LinkTopic<Body>, handle: (body: Body, from: string) => void): void {
    this.#handlers.set(name, handle as (body: never, from: string) => void)
  }

  watch(listener: LinkListener): void {
    this.#listeners.push(listener)
  }

  timeAt(node: string, moment: number): number | undefined {
    const offset = this.#outgoing.get(node)?.offset
    return offset === undefined ? undefined : moment + offset
  }

  /** What waits is sent, and the others hear that it was all. */
  close(): void {
    this.#ticker.cancel()
    this.#listeners = []
    for (const link of this.#outgoing.values()) link.close()
    for (const { wire } of this.#incoming.values()) wire.terminate()
    this.#outgoing.clear()
    this.#incoming.clear()
  }

  #accept(from: string, wire: Wire): WireListener {
    const { clock } = this.#deps
    const incoming = { wire, heardAt: clock.monotonic() }
    const older = this.#incoming.get(from)
    this.#incoming.set(from, incoming)
    if (older) {
      older.wire.terminate()
      this.#missed(from)
    }
    this.#changed(from)
    const isCurrent = (): boolean => this.#incoming.get(from) === incoming
    return {
      message: (bytes) => {
        incoming.heardAt = clock.monotonic()
        if (isCurrent()) this.#take(from, wire, bytes)
      },
      closed: (orderly) => {
        if (!isCurrent()) return
        this.#incoming.delete(from)
        this.#changed(from)
        if (!orderly) this.#missed(from)
      },
    }
  }

  #take(from: string, wire: Wire, bytes: Uint8Array): void {
    try {
      for (const [topic, body] of messagesOf(bytes)) this.#handle(from, wire, topic, body)
    } catch (error) {
      this.#deps.logger.error({ error, from }, 'a node sent what is no frame')
      wire.terminate()
    }
  }

  #handle(from: string, wire: Wire, topic: string, body: unknown): void {
    switch (topic) {
      case control.ping:
        return wire.send(packMessage(control.pong, [body, this.#deps.clock.monotonic()]))
      case control.gap:
        return this.#missed(from)
      case control.start:
        if ((body as { gap: boolean }).gap) this.#missed(from)
        return
    }
    try {
      // What a newer node says beyond what this one knows is passed over.
      this.#handlers.get(topic)?.(body as never, from)
    } catch (error) {
      this.#deps.logger.error({ error, from, topic }, 'a message of another node failed')
    }
  }

  #count(topic: string): void {
    this.counts.messages.set(topic, (this.counts.messages.get(topic) ?? 0) + 1)
  }

  #missed(node: string): void {
    for (const listener of this.#listeners) listener.missed?.(node)
  }

  #changed(node: string): void {
    this.#linked = [...this.#outgoing.values()].flatMap((link) => (link.isUp ? [link.peer.id] : []))
    const up = (this.#outgoing.get(node)?.isUp ?? false) && this.#incoming.has(node)
    if (up === this.#up.has(node)) return
    if (up) this.#up.add(node)
    else this.#up.delete(node)
    for (const listener of this.#listeners) {
      if (up) listener.up?.(node)
      else listener.down?.(node)
    }
  }

  #tick(): void {
    const now = this.#deps.clock.monotonic()
    const late = now - this.#tickedAt > 2 * beat
    this.#tickedAt = now
    for (const link of this.#outgoing.values()) link.tick(now, late)
    for (const incoming of [...this.#incoming.values()]) {
      if (late) incoming.heardAt = now
      else if (now - incoming.heardAt > silence) incoming.wire.terminate()
    }
  }
}

const nothing = new Uint8Array()
