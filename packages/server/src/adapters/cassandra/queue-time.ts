import { type Clock, stopwatch } from '../../lib/clock.ts'
import { unavailable } from '../../lib/errors.ts'
import type { RowTime } from './positions.ts'

/** How far this node's wall clock is ahead of the engine's, in ms, and how wrong that may be. */
export interface Skew {
  ahead: number
  error: number
}

/** Between two measurements the wall clock is held against the monotonic one, so that a step is noticed at once. */
const noticedStep = 50

/**
 * Times of queue rows: of one node's clock, strictly growing. Readers count on clocks that are within a quarter of
 * `lateness` of true time, so a clock that is not measured, or is beyond that, gives no time at all.
 */
export class QueueTime {
  /** Rows become visible this long after their time at most (ms): W of the design. */
  readonly lateness
  readonly #clock
  readonly #measure
  #skew: Skew | undefined
  /** Wall minus monotonic when the skew was measured. */
  #apart = 0
  #measuring = false
  #last: RowTime = 0

  constructor(deps: { clock: Clock; lateness: number; measure: () => Promise<Skew> }) {
    this.lateness = deps.lateness
    this.#clock = deps.clock
    this.#measure = deps.measure
  }

  /** Measures now, and then every `period` ms until what it returns is called. @throws when the engine is away */
  async start(period = 10_000): Promise<() => void> {
    await this.measure()
    const timer = this.#clock.every(period, () => void this.measure().catch(() => {}))
    return () => timer.cancel()
  }

  async measure(): Promise<Skew> {
    const apart = this.#clock.now() - this.#clock.monotonic()
    const skew = await this.#measure()
    // A slow answer says little, and one during which the clock jumped nothing: what was known is better.
    const jumped = Math.abs(this.#clock.now() - this.#clock.monotonic() - apart) > noticedStep
    if (!jumped && (skew.error <= this.lateness / 8 || !this.#skew)) {
      this.#skew = skew
      this.#apart = apart
    }
    return skew
  }

  /** Milliseconds that this node's clock is ahead of the engine's at this moment; undefined when nobody knows. */
  get ahead(): number | undefined {
    return this.#skew && this.#skew.ahead + this.#step()
  }

  /** Why no rows are written at the moment; undefined: they are. */
  trouble(): string | undefined {
    if (!this.#skew) return 'the clock of Cassandra was not reached'
    const ahead = this.#skew.ahead + this.#step()
    if (Math.abs(ahead) + this.#skew.error <= this.lateness / 4) return undefined
    const where = ahead > 0 ? 'ahead of' : 'behind'
    return `the clock of this machine is ${Math.abs(Math.round(ahead))} ms ${where} Cassandra's (${this.lateness / 4} ms are allowed)`
  }

  /** The wall clock, ms. @throws AppError `unavailable` when it cannot be trusted */
  now(): number {
    if (this.#skew && Math.abs(this.#step()) > noticedStep) this.#measureAgain()
    const trouble = this.trouble()
    if (trouble) {
      this.#measureAgain()
      throw unavailable(`Sync queues: ${trouble}.`)
    }
    return this.#clock.now()
  }

  /** The first of `count` times, all after `after` and after whatever was taken here before. @throws as `now` */
  take(after: RowTime, count: number): RowTime {
    const now = this.now()
    if (after > (now + this.lateness / 2) * 1000) {
      throw unavailable('Sync queues: a row of another node lies too far ahead; the clocks differ too much.')
    }
    const first = Math.max(Math.floor(now * 1000), after + 1, this.#last + 1)
    this.#last = first + count - 1
    return first
  }

  /** Counts ms from here on. */
  stopwatch(): () => number {
    return stopwatch(this.#clock)
  }

  #step(): number {
    return this.#clock.now() - this.#clock.monotonic() - this.#apart
  }

  #measureAgain(): void {
    if (this.#measuring) return
    this.#measuring = true
    this.measure()
      .catch(() => {})
      .finally(() => {
        this.#measuring = false
      })
  }
}
