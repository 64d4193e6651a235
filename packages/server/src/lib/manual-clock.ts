import { type Clock, systemClock, type Timer } from './clock.ts'

interface Due {
  at: number
  period: number | undefined
  run: () => void
}

/** Time that stands still until it is told to go on, for tests. What is deferred runs when time is let pass. */
export class ManualClock implements Clock {
  #elapsed = 0
  #wall
  #due = new Set<Due>()

  constructor(wall = 1_800_000_000_000) {
    this.#wall = wall
  }

  now(): number {
    return this.#wall + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  after(delay: number, run: () => void): Timer {
    return this.#set({ at: this.#elapsed + Math.max(0, delay), period: undefined, run })
  }

  every(period: number, run: () => void): Timer {
    return this.#set({ at: this.#elapsed + period, period, run })
  }

  soon(run: () => void): void {
    this.after(0, run)
  }

  /** Timers that wait. */
  get waiting(): number {
    return this.#due.size
  }

  /** Sets the wall clock forward or back; elapsed time stays. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** Lets `ms` pass: timers run when they are due, and what waits for promises runs before time goes on. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms
    for (;;) {
      await settled()
      const next = this.#next()
      if (!next || next.at > end) break
      this.#elapsed = next.at
      if (next.period === undefined) this.#due.delete(next)
      else next.at += next.period
      next.run()
    }
    this.#elapsed = end
  }

  #set(due: Due): Timer {
    this.#due.add(due)
    return { cancel: () => this.#due.delete(due) }
  }

  /** The one due first; of several the one that was set first. */
  #next(): Due | undefined {
    let first: Due | undefined
    for (const due of this.#due) if (!first || due.at < first.at) first = due
    return first
  }
}

/** Every promise that is resolved has called back. */
const settled = (): Promise<void> => new Promise((resolve) => systemClock.soon(resolve))
