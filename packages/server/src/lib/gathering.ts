import type { Clock, Timer } from './clock.ts'

/** How often what is due is looked for: what began at different times is written at different times. */
const step = 50

/**
 * Changes by key, each kept for `time` ms from its first one so that later ones join it. They become due one by one,
 * not all at once: a burst each second would be what everything else waits for.
 */
export class Gathering<Key, Change> {
  readonly #clock
  readonly #time
  readonly #due
  /** In order of their beginning. */
  #changes = new Map<Key, { change: Change; since: number }>()
  #timer: Timer | undefined

  /** `due` is called with what has waited long enough; never with nothing. */
  constructor(clock: Clock, time: number, due: (changes: Change[]) => void) {
    this.#clock = clock
    this.#time = time
    this.#due = due
  }

  get size(): number {
    return this.#changes.size
  }

  get(key: Key): Change | undefined {
    return this.#changes.get(key)?.change
  }

  values(): Change[] {
    return [...this.#changes.values()].map(({ change }) => change)
  }

  /** Begins to gather a key that is not gathered yet. */
  begin(key: Key, change: Change): void {
    this.#changes.set(key, { change, since: this.#clock.monotonic() })
    this.#timer ??= this.#clock.after(this.#time, () => this.#tick())
  }

  forget(key: Key): void {
    this.#changes.delete(key)
  }

  /** Everything, due or not; nothing is gathered any more. */
  takeAll(): Change[] {
    const changes = this.values()
    this.#changes.clear()
    this.#timer?.cancel()
    this.#timer = undefined
    return changes
  }

  #tick(): void {
    const now = this.#clock.monotonic()
    const changes: Change[] = []
    for (const [key, { change, since }] of this.#changes) {
      if (now - since < this.#time - step) break
      this.#changes.delete(key)
      changes.push(change)
    }
    this.#timer = this.#changes.size > 0 ? this.#clock.after(step, () => this.#tick()) : undefined
    if (changes.length > 0) this.#due(changes)
  }
}
