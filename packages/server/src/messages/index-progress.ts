import { linkTopic, type NodeLink } from '../delivery/node-link.ts'
import type { Clock, Timer } from '../lib/clock.ts'

/** Who else feeds the search, as the indexer of a node sees it. */
export interface IndexProgress {
  /**
   * From which time on (ms) entries may not be indexed, when those of this node may not be from `own` on; undefined:
   * it is not for this node to say.
   */
  position(own: number): number | undefined
  /** True when what is not indexed has to be looked for in the store, by time. */
  mustLook(): boolean
  /** Everything behind the stored position was looked for. */
  looked(): void
  /** This node has indexed all that it appended, and appends no more. */
  done(): void
}

/** No other node appends: what is not known after a start is looked for once. */
export class SoleProgress implements IndexProgress {
  #looked = false

  position(own: number): number {
    return own
  }

  mustLook(): boolean {
    return !this.#looked
  }

  looked(): void {
    this.#looked = true
  }

  done(): void {}
}

/** The node leaves nothing behind. */
const finished = Number.MAX_SAFE_INTEGER
/** Milliseconds between two words about how far a node is. */
const sayTime = 3000

/** What follows the logs: the search's index, or the notes of who may have to be notified. */
export type Following = 'indexed' | 'notified'

const topics = { indexed: linkTopic<number>('indexed'), notified: linkTopic<number>('notified') }

/**
 * Each node indexes what it appended, for it knows that best. One of them leads: it keeps the position, behind what any
 * node says of itself, and looks in the store for what nodes left that are gone.
 */
export class SharedProgress implements IndexProgress {
  readonly #topic
  readonly #link
  readonly #others
  readonly #leads
  #own = 0
  #isDone = false
  #said = new Map<string, number>()
  /** How far nodes were that are gone; undefined: nobody knows. */
  #left = new Map<string, number | undefined>()
  #looking = new Set<string>()
  #wasLeading = false
  /** It came to lead, and has not looked through everything since. */
  #mustLook = false
  readonly #timer: Timer

  /** `others`: the other nodes that are alive. */
  constructor(deps: {
    what: Following
    link: NodeLink
    others: () => readonly string[]
    leads: () => boolean
    clock: Clock
  }) {
    const { what, link, others, leads, clock } = deps
    this.#topic = topics[what]
    this.#link = link
    this.#others = others
    this.#leads = leads
    link.listen(this.#topic, (from, node) => this.#said.set(node, from))
    this.#timer = clock.every(sayTime, () => this.#say())
  }

  position(own: number): number | undefined {
    this.#own = own
    // What was not looked for yet is not passed.
    if (!this.#wasLeading || this.#mustLook) return undefined
    let position = own
    for (const node of this.#others()) {
      const said = this.#said.get(node)
      if (said === undefined) return undefined
      position = Math.min(position, said)
    }
    for (const left of this.#left.values()) {
      if (left === undefined) return undefined
      position = Math.min(position, left)
    }
    return position
  }

  mustLook(): boolean {
    const led = this.#wasLeading
    this.#wasLeading = this.#leads()
    if (!this.#wasLeading) return false
    if (!led) this.#mustLook = true
    this.#looking = new Set(this.#left.keys())
    return this.#mustLook || this.#left.size > 0
  }

  looked(): void {
    this.#mustLook = false
    for (const node of this.#looking) this.#left.delete(node)
  }

  done(): void {
    this.#isDone = true
    this.#timer.cancel()
    this.#say()
  }

  /** A node is gone; unless it was done before, it left something. */
  gone(node: string): void {
    const said = this.#said.get(node)
    this.#said.delete(node)
    if (said !== finished) this.#left.set(node, said)
  }

  #say(): void {
    this.#link.broadcast(this.#topic, this.#isDone ? finished : this.#own)
  }
}
