import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

/** The moment of a read. */
export interface AsOf {
  drops: number
  /** By `monotonic`. */
  at: number
}

/**
 * What was read from a store, at hand until it is dropped, or for `time` ms. A read that began before something was
 * dropped may be older than the change, so it is not kept: take `asOf` before reading and give it back to `keep`.
 */
export class Remembered<Key, Value> {
  readonly #values
  readonly #clock
  readonly #time
  #drops = 0

  constructor(capacity: number, clock: Clock, time = Number.POSITIVE_INFINITY) {
    this.#values = new Lru<Key, { value: Value; at: number }>(capacity)
    this.#clock = clock
    this.#time = time
  }

  get asOf(): AsOf {
    return { drops: this.#drops, at: this.#clock.monotonic() }
  }

  get(key: Key): Value | undefined {
    const kept = this.#values.get(key)
    return kept && this.#clock.monotonic() - kept.at < this.#time ? kept.value : undefined
  }

  /** False when something was dropped since `asOf`. */
  keep({ drops, at }: AsOf, key: Key, value: Value): boolean {
    if (drops !== this.#drops) return false
    this.#values.set(key, { value, at })
    return true
  }

  drop(key: Key): void {
    this.#drops++
    this.#values.delete(key)
  }

  clear(): void {
    this.#drops++
    this.#values.clear()
  }
}
