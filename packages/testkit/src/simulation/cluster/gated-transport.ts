import { type MemoryLinkNetwork, MemoryLinkTransport } from '../../../../server/src/adapters/memory/link-transport.ts'
import type { LinkPeer, LinkTransport, Wire, WireListener } from '../../../../server/src/delivery/link-transport.ts'
import type { MachineClock } from '../sim-time.ts'

/** The links of one process: what comes while it stands still waits, and nothing comes when it is gone. */
export class GatedTransport implements LinkTransport {
  readonly #inner
  readonly #clock

  constructor(network: MemoryLinkNetwork, self: string, clock: MachineClock) {
    this.#inner = new MemoryLinkTransport(network, self)
    this.#clock = clock
  }

  dial(peer: LinkPeer, listener: WireListener & { opened(): void }): Wire {
    const opened = (): void => this.#clock.deliver(() => listener.opened())
    return this.#inner.dial(peer, { ...this.#gated(() => listener), opened })
  }

  serve(accept: (from: string, wire: Wire) => WireListener): void {
    this.#inner.serve((from, wire) => {
      let listener: WireListener | undefined
      this.#clock.deliver(() => {
        listener = accept(from, wire)
      })
      return this.#gated(() => listener)
    })
  }

  #gated(listener: () => WireListener | undefined): WireListener {
    return {
      message: (bytes) => this.#clock.deliver(() => listener()?.message(bytes)),
      closed: (orderly) => this.#clock.deliver(() => listener()?.closed(orderly)),
    }
  }
}
