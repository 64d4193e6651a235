import type { Clock } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import { Lru } from '../lib/lru.ts'

/** Counts for a key. Resolves or returns 0 when allowed, else the milliseconds after which it is. */
export type Throttle = (key: string) => number | Promise<number>

const remembered = 10_000

/**
 * How often a password may be tried for one name, whoever tries and whether or not there is such an account. All tries
 * are counted, and wrong ones more strictly: when those are used up even the right password has to wait.
 */
export class PasswordThrottle {
  readonly #tries
  readonly #failures
  readonly #clock
  /** Until when (monotonic). */
  #closed = new Lru<string, number>(remembered)

  constructor(deps: { tries: Throttle; failures: Throttle; clock: Clock }) {
    this.#tries = deps.tries
    this.#failures = deps.failures
    this.#clock = deps.clock
  }

  /** Before a password is checked. @throws rate_limited */
  async enter(name: string): Promise<void> {
    const left = (this.#closed.get(name) ?? 0) - this.#clock.monotonic()
    const wait = left > 0 ? left : await this.#tries(name)
    if (wait <= 0) return
    throw new AppError('rate_limited', 'Too many tries with this name.', { retryAfter: Math.ceil(wait) })
  }

  /** The password was wrong. */
  async failed(name: string): Promise<void> {
    const wait = await this.#failures(name)
    if (wait > 0) this.#closed.set(name, this.#clock.monotonic() + wait)
  }
}
