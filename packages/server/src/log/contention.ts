import type { ConversationId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

const remembered = 10_000
/** So many appends refused, because another node was faster, within so many ms make a conversation a contended one. */
const refusals = 3
const period = 10_000
/** Milliseconds that it stays one after the last refusal. */
const memory = 60_000

/** The conversations that several nodes append to at once, so that they lose to each other. */
export class Contention {
  readonly #clock
  #seen = new Lru<ConversationId, { since: number; count: number; until: number }>(remembered)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** An append was refused: another node was faster. */
  note(conversation: ConversationId): void {
    const now = this.#clock.monotonic()
    let seen = this.#seen.get(conversation)
    if (!seen || (now - seen.since > period && now > seen.until)) {
      seen = { since: now, count: 0, until: 0 }
      this.#seen.set(conversation, seen)
    }
    seen.count++
    if (seen.count >= refusals) seen.until = now + memory
  }

  has(conversation: ConversationId): boolean {
    const seen = this.#seen.get(conversation)
    return seen !== undefined && this.#clock.monotonic() < seen.until
  }
}
