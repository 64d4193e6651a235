import type { Clock, Timer } from '../../../server/src/lib/clock.ts'

interface Due {
  at: number
  order: number
  run: (() => void) | undefined
}

/** One time for the whole simulated world. It stands still while anything is left to do at this instant. */
export class SimTime {
  #elapsed = 0
  #order = 0
  /** A binary heap by (at, order). */
  readonly #due: Due[] = []

  get elapsed(): number {
    return this.#elapsed
  }

  /** A machine of this world; clocks of machines differ by `skew` ms. */
  machine(skew = 0): MachineClock {
    return new MachineClock(this, skew)
  }

  after(delay: number, run: () => void): Timer {
    const due: Due = { at: this.#elapsed + Math.max(0, delay), order: this.#order++, run }
    this.#push(due)
    return {
      cancel: () => {
        due.run = undefined
      },
    }
  }

  /** Lets `ms` pass: timer after timer, and what waits for promises runs before the next one. */
  async pass(ms: number): Promise<void> {
    await this.until(() => false, ms)
  }

  /** Goes on until `condition` holds, at most `ms`; false when it never did. */
  async until(condition: () => boolean, ms: number): Promise<boolean> {
    const end = this.#elapsed + ms
    await settled()
    while (!condition()) {
      const next = this.#due[0]
      if (!next || next.at > end) {
        this.#elapsed = end
        return false
      }
      this.#pop()
      if (!next.run) continue
      this.#elapsed = next.at
      next.run()
      await settled()
    }
    return true
  }

  #push(due: Due): void {
    const heap = this.#due
    let at = heap.push(due) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(due, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = due
  }

  #pop(): void {
    const heap = this.#due
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }
}

const before = (a: Due, b: Due): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** Every promise that is resolved has called back: nothing native is ever under way. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** 2026-01-01, the start of simulated time. */
const start = Date.UTC(2026, 0, 1)

/** The clock of one machine, or of one life of a process: when it is stopped its timers never fire. */
export class MachineClock implements Clock {
  readonly #time
  #skew
  #stopped = false
  /** What is due while the process stands still. */
  #held: (() => void)[] | undefined

  constructor(time: SimTime, skew: number) {
    this.#time = time
    this.#skew = skew
  }

  get skew(): number {
    return this.#skew
  }

  now(): number {
    return Math.floor(start + this.#time.elapsed + this.#skew)
  }

  monotonic(): number {
    return this.#time.elapsed
  }

  after(delay: number, run: () => void): Timer {
    let wanted = true
    const timer = this.#time.after(delay, () =>
      this.deliver(() => {
        if (wanted) run()
      }),
    )
    return {
      cancel: () => {
        wanted = false
        timer.cancel()
      },
    }
  }

  every(period: number, run: () => void): Timer {
    const again = (): void => {
      timer = this.after(period, again)
      run()
    }
    let timer = this.after(period, again)
    return { cancel: () => timer.cancel() }
  }

  soon(run: () => void): void {
    this.after(0, run)
  }

  /** Steps the wall clock; timers and elapsed time are as before. */
  jump(ms: number): void {
    this.#skew += ms
  }

  /** What reaches the process: at once; when it goes on, if it stands still; never, if it is gone. */
  deliver(run: () => void): void {
    if (this.#stopped) return
    if (this.#held) this.#held.push(run)
    else run()
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  get isPaused(): boolean {
    return this.#held !== undefined
  }

  /** SIGSTOP: time goes on, and nothing is done. */
  pause(): void {
    this.#held ??= []
  }

  /** SIGCONT: everything that came meanwhile comes now. */
  resume(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const run of held) this.#time.after(0, () => this.deliver(run))
  }

  stop(): void {
    this.#stopped = true
  }
}
