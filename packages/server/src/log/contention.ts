import type { ConversationId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

interface Talk {
  /** When counting began, and how much came together since. */
  since: number
  weight: number
  /** Until when it is contended, and since when. */
  until: number
  from: number
  /** Whether this node appended last. */
  here: boolean
  /** Who else appended last. */
  rival: string | undefined
}

const remembered = 10_000
/** An append that was lost to another node weighs more than one that only came after it. */
const weights = { refusal: 2, turn: 1 }
/** So much within so many ms makes a conversation a contended one. */
const enough = 6
const period = 10_000
/** Milliseconds that it stays one after it was last used, and at most. */
const memory = 60_000
const longest = 600_000

/**
 * The conversations that several nodes append to: they lose to each other, or take turns and have to find out each time
 * what the other did. Together one of them is faster.
 */
export class Contention {
  readonly #clock
  #talks = new Lru<ConversationId, Talk>(remembered)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** An append was refused: another node was faster. */
  refused(conversation: ConversationId): void {
    this.#count(this.#of(conversation), weights.refusal)
  }

  /** This node appended. */
  appended(conversation: ConversationId): void {
    const talk = this.#talks.get(conversation)
    if (!talk || talk.here) return
    talk.here = true
    this.#count(talk, weights.turn)
  }

  /** Another node appended. */
  followed(conversation: ConversationId, node: string): void {
    const talk = this.#of(conversation)
    talk.rival = node
    if (!talk.here) return
    talk.here = false
    this.#count(talk, weights.turn)
  }

  has(conversation: ConversationId): boolean {
    const talk = this.#talks.get(conversation)
    return talk !== undefined && this.#isContended(talk)
  }

  /** The same of a conversation that is sent to now, which keeps it one. @returns with whom, if that is known */
  use(conversation: ConversationId): { rival: string | undefined } | undefined {
    const talk = this.#talks.get(conversation)
    if (!talk || !this.#isContended(talk)) return undefined
    talk.until = Math.max(talk.until, Math.min(this.#clock.monotonic() + memory, talk.from + longest))
    return talk
  }

  #of(conversation: ConversationId): Talk {
    const known = this.#talks.get(conversation)
    if (known) return known
    const now = this.#clock.monotonic()
    const talk: Talk = { since: now, weight: 0, until: 0, from: 0, here: false, rival: undefined }
    this.#talks.set(conversation, talk)
    return talk
  }

  #count(talk: Talk, weight: number): void {
    const now = this.#clock.monotonic()
    const isContended = this.#isContended(talk)
    if (!isContended && now - talk.since > period) {
      talk.since = now
      talk.weight = 0
    }
    talk.weight += weight
    if (talk.weight < enough) return
    if (!isContended) talk.from = now
    talk.until = now + memory
  }

  #isContended({ until }: Talk): boolean {
    return this.#clock.monotonic() < until
  }
}
