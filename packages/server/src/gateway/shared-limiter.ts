import type { Clock } from '../lib/clock.ts'
import { within } from '../lib/deadline.ts'
import type { Logger } from '../lib/logger.ts'
import { Lru } from '../lib/lru.ts'
import type { RateLimiter, RateRule } from './rate-limiter.ts'

/** Milliseconds that anybody waits for the shared counters; then this node's own decide. */
const patience = 50
/** Milliseconds until the shared counters are asked again after they did not answer. */
const retryAfter = 1_000
/** Refusals that are remembered. */
const capacity = 100_000

/**
 * Counts with the other nodes, and alone while the shared counters are away. A refusal is remembered until its time is
 * over: who cannot wait for an answer (a frame) is refused at once from the second one on, and a loop costs the shared
 * counters nothing. Never rejects.
 */
export class SharedRateLimiter implements RateLimiter {
  readonly #shared
  readonly #own
  readonly #clock
  readonly #logger
  /** By `clock.monotonic()`. */
  #refusedUntil = new Lru<string, number>(capacity)
  #awayUntil = 0
  #away = false

  constructor(shared: RateLimiter, own: { take(...args: Parameters<RateLimiter['take']>): number }, deps: Deps) {
    this.#shared = shared
    this.#own = own
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  take(rule: RateRule, name: string, key: string): number | Promise<number> {
    const now = this.#clock.monotonic()
    const counter = `${name}\n${key}`
    const until = this.#refusedUntil.get(counter)
    if (until !== undefined) {
      if (until > now) return until - now
      this.#refusedUntil.delete(counter)
    }
    if (now < this.#awayUntil) return this.#own.take(rule, name, key)
    // While it is away one asks for all.
    if (this.#away) this.#awayUntil = now + retryAfter
    return this.#ask(rule, name, key)
  }

  async #ask(rule: RateRule, name: string, key: string): Promise<number> {
    let wait: number
    try {
      const asked = Promise.resolve(this.#shared.take(rule, name, key))
      wait = await within(this.#clock, patience, asked, 'The shared limits did not answer in time.')
    } catch (error) {
      this.#failed(error)
      return this.#own.take(rule, name, key)
    }
    if (this.#away) this.#logger.info({}, 'limits are shared again')
    this.#away = false
    this.#awayUntil = 0
    // Our own counters know what was allowed, should they have to decide next.
    if (wait <= 0) this.#own.take(rule, name, key)
    else this.#refusedUntil.set(`${name}\n${key}`, this.#clock.monotonic() + wait)
    return wait
  }

  #failed(error: unknown): void {
    if (!this.#away) this.#logger.warn({ error }, 'each node limits alone: the shared limits are away')
    this.#away = true
    this.#awayUntil = this.#clock.monotonic() + retryAfter
  }
}

interface Deps {
  clock: Clock
  logger: Logger
}
