import { Lru } from '../lib/lru.ts'

/**
 * What was read from a store, at hand until it is dropped. A read that began before something was dropped may be older
 * than the change, so it is not kept: take `asOf` before reading and give it back to `keep`.
 */
export class Remembered<Key, Value> {
  readonly #values
  #drops = 0

  constructor(capacity: number) {
    this.#values = new Lru<Key, Value>(capacity)
  }

  /** Grows with every drop. */
  get asOf(): number {
    return this.#drops
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key)
  }

  /** False when something was dropped since `asOf`. */
  keep(asOf: number, key: Key, value: Value): boolean {
    if (asOf !== this.#drops) return false
    this.#values.set(key, value)
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
