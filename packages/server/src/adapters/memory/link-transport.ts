import type { LinkPeer, LinkTransport, Wire, WireListener } from '../../delivery/link-transport.ts'
import type { Clock } from '../../lib/clock.ts'

type Accept = (from: string, wire: Wire) => WireListener

/** The network between the nodes of one process, for tests and simulations; it can be cut, slowed and made to lose. */
export class MemoryLinkNetwork {
  readonly clock
  readonly nodes = new Map<string, Accept>()
  readonly ends = new Set<End>()
  /** Milliseconds one way. */
  delay: (from: string, to: string) => number = () => 0
  /** Told of every frame; false loses it, which a real network only does together with the wire. */
  carries: (from: string, to: string, bytes: Uint8Array) => boolean = () => true
  readonly #cut = new Set<string>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  isCut(from: string, to: string): boolean {
    return this.#cut.has(`${from} ${to}`)
  }

  /** Breaks the wires between two nodes; none is opened until `heal`. */
  cut(a: string, b: string): void {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      this.#cut.add(`${from} ${to}`)
      for (const end of [...this.ends]) if (end.from === from && end.to === to) end.break()
    }
  }

  heal(a: string, b: string): void {
    this.#cut.delete(`${a} ${b}`)
    this.#cut.delete(`${b} ${a}`)
  }

  /**
   * The process of a node is gone: it hears nothing any more. `told`: the system closes its wires; else the others find
   * out when they hear nothing.
   */
  kill(node: string, told = true): void {
    this.nodes.delete(node)
    for (const end of [...this.ends]) {
      if (end.from === node) end.silence()
      else if (end.to === node && told) end.break()
    }
  }
}

/** One end of a wire; what it sends arrives at the other end after a while, unless the wire breaks before. */
class End implements Wire {
  readonly from
  readonly to
  other: End | undefined
  listener: WireListener | undefined
  buffered = 0
  readonly #network
  isOver = false
  #lastAt = 0

  constructor(from: string, to: string, network: MemoryLinkNetwork) {
    this.from = from
    this.to = to
    this.#network = network
    network.ends.add(this)
  }

  send(bytes: Uint8Array): void {
    if (this.isOver || !this.#network.carries(this.from, this.to, bytes)) return
    const copy = Uint8Array.from(bytes)
    this.#later(() => this.other?.arrive(copy))
  }

  close(): void {
    if (this.isOver) return
    this.#later(() => this.other?.end(true))
    this.end(true)
  }

  terminate(): void {
    this.break()
  }

  break(): void {
    const { other } = this
    this.end(false)
    if (other) this.#network.clock.soon(() => other.end(false))
  }

  silence(): void {
    this.isOver = true
    this.#network.ends.delete(this)
  }

  arrive(bytes: Uint8Array): void {
    if (!this.isOver) this.listener?.message(bytes)
  }

  end(orderly: boolean): void {
    if (this.isOver) return
    this.isOver = true
    this.#network.ends.delete(this)
    this.#network.clock.soon(() => this.listener?.closed(orderly))
  }

  /** Never before what was sent earlier. */
  #later(run: () => void): void {
    const { clock, delay } = this.#network
    const now = clock.monotonic()
    this.#lastAt = Math.max(this.#lastAt, now + delay(this.from, this.to))
    clock.after(this.#lastAt - now, run)
  }
}

export class MemoryLinkTransport implements LinkTransport {
  readonly #network
  readonly #self

  constructor(network: MemoryLinkNetwork, self: string) {
    this.#network = network
    this.#self = self
  }

  dial({ id }: LinkPeer, listener: WireListener & { opened(): void }): Wire {
    const network = this.#network
    const end = new End(this.#self, id, network)
    end.listener = listener
    network.clock.after(network.delay(this.#self, id), () => {
      const accept = network.nodes.get(id)
      if (end.isOver) return
      if (!accept || network.isCut(this.#self, id)) return end.break()
      const other = new End(id, this.#self, network)
      end.other = other
      other.other = end
      other.listener = accept(this.#self, other)
      listener.opened()
    })
    return end
  }

  serve(accept: Accept): void {
    this.#network.nodes.set(this.#self, accept)
  }
}
