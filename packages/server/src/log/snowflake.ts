import type { WorkerLease } from '../cluster/coordinator.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import { compareSnowflakes, composeSnowflake, snowflakeTime } from './snowflake-parts.ts'

/** How far ids may run ahead of the wall clock before none are made, ms. */
const maxAhead = 5_000
const checkEvery = 250
/** Room above logical time when that is ahead of the wall; small, so that quick restarts do not climb away from it. */
const headroom = 250

const counters = 4096

interface SnowflakeId {
  id: string
  /** The time in it, ms since the Unix epoch. */
  at: number
}

/**
 * Makes ids: 41 bits ms, 10 bits worker, 12 bits counter. Each is greater than every one made before, by this
 * generator or an earlier owner of its worker number; none is at or above the lease's ceiling. When the wall clock
 * steps back, ids go on in logical time. The lease is asked for every id: it may be lost and taken anew.
 */
export class SnowflakeGenerator {
  readonly #clock: Clock
  readonly #lease: WorkerLease
  /** Of the newest id; before the first, of what an earlier owner may have made. */
  #worker: number
  #time = 0
  #counter = counters - 1
  #raising: Promise<void> | undefined
  #timer: Timer | undefined
  #failure: unknown

  constructor(clock: Clock, lease: WorkerLease) {
    this.#clock = clock
    this.#lease = lease
    this.#worker = lease.worker
  }

  /** An id greater than `after` and than all before. @throws AppError `unavailable`; then none was used up */
  next(after: string): SnowflakeId {
    const { worker } = this.#lease
    const now = this.#clock.now()
    let at = Math.max(now, this.#lease.floor())
    let counter = 0
    if (at <= this.#time) {
      at = this.#time
      counter = this.#counter + 1
      // Under another number the same millisecond could give a lower id.
      if (counter === counters || worker !== this.#worker) {
        at++
        counter = 0
      }
    }
    let id = composeSnowflake(at, worker * counters + counter)
    if (compareSnowflakes(id, after) <= 0) {
      // Rare: `after` was made by a node whose clock is ahead of ours.
      at = snowflakeTime(after) + 1
      counter = 0
      id = composeSnowflake(at, worker * counters)
    }
    if (at - now > maxAhead) throw refused(`The clock is ${at - now} ms behind the newest id.`, at - now - maxAhead)
    if (!this.#lease.held()) throw refused('This node has lost its worker number.', 1_000)
    if (at >= this.#lease.ceiling()) {
      void this.#raise(at)
      throw refused('No ids are reserved for this time.', 100, this.#failure)
    }
    this.#worker = worker
    this.#time = at
    this.#counter = counter
    return { id, at }
  }

  /**
   * Nothing when the present (and `after`) is reserved, which is nearly always; else a promise of it. Awaited before
   * `next`, it makes a process that was stopped for seconds wait for one write instead of refusing.
   */
  ensure(after = '0'): Promise<void> | undefined {
    const needed = Math.max(this.#logicalNow() + 1, snowflakeTime(after) + 2)
    return needed < this.#lease.ceiling() ? undefined : this.#raise(needed)
  }

  /** Reserves time now and, until `close`, again well before it is used up. @throws AppError `unavailable` */
  async keepAhead(): Promise<void> {
    this.#timer ??= this.#clock.every(checkEvery, () => {
      const now = this.#logicalNow()
      if (this.#lease.held() && this.#lease.ceiling() - now < this.#lease.reserve / 2) void this.#raise(now)
    })
    await this.#raise(this.#logicalNow())
    if (this.#failure !== undefined) throw refused('No ids could be reserved.', 1_000, this.#failure)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** The time that the next id carries at least. */
  #logicalNow(): number {
    return Math.max(this.#clock.now(), this.#time + 1, this.#lease.floor())
  }

  /** Never rejects: while the ceiling stays where it is, `next` refuses and tells why. */
  #raise(needed: number, again = true): Promise<void> {
    const underWay = this.#raising
    if (underWay && !again) return underWay
    if (underWay) return underWay.then(() => (needed < this.#lease.ceiling() ? undefined : this.#raise(needed, false)))
    const raising = this.#raiseOnce(needed).finally(() => {
      this.#raising = undefined
    })
    this.#raising = raising
    return raising
  }

  async #raiseOnce(needed: number): Promise<void> {
    const now = this.#clock.now()
    const { reserve } = this.#lease
    // Beyond what may be used anyway a reservation would only block the next owner.
    const target = Math.min(Math.max(now + reserve, needed + headroom), now + Math.max(reserve, maxAhead + headroom))
    try {
      if (target > this.#lease.ceiling()) await this.#lease.raise(target)
      this.#failure = undefined
    } catch (error) {
      this.#failure = error
    }
  }
}

const refused = (message: string, retryAfter: number, cause?: unknown): AppError =>
  new AppError('unavailable', message, { retryAfter, cause })
