import type { Content } from '@parley/protocol'

export interface Outgoing {
  conversation: string
  clientMessageId: string
  content: Content
  inFlight: boolean
  settle(): void
}

/**
 * Messages that were not answered `ok` yet, in the order of sending. They survive connections. After a refusal that may
 * pass, nothing more goes to that conversation until all its answers are there; then all go again, in order (rule D3).
 */
export class RawOutbox {
  #messages: Outgoing[] = []
  #held = new Set<string>()
  readonly #transmit: (outgoing: Outgoing) => void
  #open = false

  /** `transmit` writes a message to the present connection. */
  constructor(transmit: (outgoing: Outgoing) => void) {
    this.#transmit = transmit
  }

  get size(): number {
    return this.#messages.length
  }

  add(outgoing: Outgoing): void {
    this.#messages.push(outgoing)
    this.#offer(outgoing)
  }

  /** A new connection takes messages: everything goes again. */
  opened(): void {
    this.#open = true
    this.#held.clear()
    for (const outgoing of this.#messages) {
      outgoing.inFlight = false
      this.#offer(outgoing)
    }
  }

  closed(): void {
    this.#open = false
  }

  stored(outgoing: Outgoing): void {
    this.#messages = this.#messages.filter((other) => other !== outgoing)
    outgoing.settle()
    this.#goOn(outgoing.conversation)
  }

  /** Refused for now. */
  refused(outgoing: Outgoing): void {
    outgoing.inFlight = false
    this.#held.add(outgoing.conversation)
    this.#goOn(outgoing.conversation)
  }

  #goOn(conversation: string): void {
    const own = this.#messages.filter((outgoing) => outgoing.conversation === conversation)
    if (!this.#held.has(conversation) || own.some((outgoing) => outgoing.inFlight)) return
    setTimeout(() => {
      if (!this.#open || !this.#held.delete(conversation)) return
      for (const outgoing of this.#messages) if (outgoing.conversation === conversation) this.#offer(outgoing)
    }, 20)
  }

  #offer(outgoing: Outgoing): void {
    if (!this.#open || outgoing.inFlight || this.#held.has(outgoing.conversation)) return
    outgoing.inFlight = true
    this.#transmit(outgoing)
  }
}
