import type { Clock, Random, Timer } from '../lib/environment.ts'

interface Due {
  at: number
  order: number
  run: () => void
}

/** Time that stands still until it is told to go on. */
export class SimClock implements Clock {
  #now = 1_700_000_000_000
  #order = 0
  readonly #due = new Set<Due>()

  now(): number {
    return this.#now
  }

  after(delay: number, run: () => void): Timer {
    const due = { at: this.#now + Math.max(0, delay), order: this.#order++, run }
    this.#due.add(due)
    return { cancel: () => this.#due.delete(due) }
  }

  /** Lets everything run that waits for promises only, then timer after timer until `ms` are over. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      const next = this.#next()
      if (!next || next.at > end) break
      this.#due.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
    this.#now = end
  }

  /** Goes on until `condition` holds, at most `ms`. */
  async until(what: string, condition: () => boolean, ms = 600_000): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      if (condition()) return
      const next = this.#next()
      if (!next || next.at > end) throw new Error(`It did not happen within ${ms} ms: ${what}`)
      this.#due.delete(next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
    }
  }

  /** Settles like `work`; time goes on until it does, however many steps of the store or the network it takes. */
  async settling<T>(what: string, work: Promise<T>, ms = 600_000): Promise<T> {
    let settled = false
    const done = (): void => {
      settled = true
    }
    work.then(done, done)
    await this.until(what, () => settled, ms)
    return work
  }

  #next(): Due | undefined {
    let first: Due | undefined
    for (const due of this.#due) {
      if (!first || due.at < first.at || (due.at === first.at && due.order < first.order)) first = due
    }
    return first
  }
}

/** Every promise that is resolved has called back. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed | 0
  const float = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return { float, bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(float() * 256)) }
}
