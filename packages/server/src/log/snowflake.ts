import type { WorkerLease } from '../cluster/coordinator.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'

/** 2024-01-01T00:00:00Z. 41 bits of milliseconds from here reach into 2093. */
export const snowflakeEpoch = Date.UTC(2024, 0, 1)

/** How far ids may run ahead of the wall clock before none are made. */
const maxAhead = 5_000
/** How far ahead the ceiling is reserved, and when it is reserved again. */
const reserve = 3_000
const reserveAgain = 1_500
const checkEvery = 250
/** Room above logical time when that is ahead of the wall; small, so that quick restarts do not climb away from it. */
const headroom = 250

const counters = 4096
const perMillisecond = 4_194_304 // 10 bits worker, 12 bits counter

export interface SnowflakeId {
  /** Decimal, without leading zeros. */
  id: string
  /** The time in it, ms since the Unix epoch. */
  at: number
}

/** Orders ids as numbers, without parsing them. */
export function compareIds(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}

/** The time in an id, ms since the Unix epoch. */
export const timeOf = (id: string): number => snowflakeEpoch + split(id).time

/**
 * Makes ids: 41 bits ms, 10 bits worker, 12 bits counter. Each is greater than every one made before, by this
 * generator or an earlier owner of its worker number; none is at or above the lease's ceiling. When the wall clock
 * steps back, ids go on in logical time.
 */
export class SnowflakeGenerator {
  readonly #clock: Clock
  readonly #lease: WorkerLease
  readonly #worker: number
  /** Of the newest id, ms since our epoch. */
  #time: number
  #counter = counters - 1
  #raising: Promise<void> | undefined
  #timer: Timer | undefined
  #failure: unknown

  constructor(clock: Clock, lease: WorkerLease) {
    this.#clock = clock
    this.#lease = lease
    this.#worker = lease.worker * counters
    // Whoever had this worker number may have made ids up to the stored ceiling.
    this.#time = Math.max(lease.ceiling() - snowflakeEpoch - 1, -1)
  }

  /** An id greater than `after` and than all before. @throws AppError `unavailable`; then none was used up. */
  next(after: string): SnowflakeId {
    const now = this.#clock.now()
    let time = now - snowflakeEpoch
    let counter = 0
    if (time <= this.#time) {
      time = this.#time
      counter = this.#counter + 1
      if (counter === counters) {
        time++
        counter = 0
      }
    }
    let id = join(time, this.#worker + counter)
    if (compareIds(id, after) <= 0) {
      // Rare: `after` was made by a node whose clock is ahead of ours.
      time = split(after).time + 1
      counter = 0
      id = join(time, this.#worker)
    }
    const at = time + snowflakeEpoch
    if (at - now > maxAhead) throw refused(`The clock is ${at - now} ms behind the newest id.`, at - now - maxAhead)
    if (!this.#lease.held()) throw refused('This node has lost its worker number.', 1_000)
    if (at >= this.#lease.ceiling()) {
      void this.#raise(at)
      throw refused('No ids are reserved for this time.', 100, this.#failure)
    }
    this.#time = time
    this.#counter = counter
    return { id, at }
  }

  /**
   * Nothing when the present (and `after`) is reserved, which is nearly always; else a promise of it. Awaited before
   * `next`, it makes a process that was stopped for seconds wait for one write instead of refusing.
   */
  ensure(after = '0'): Promise<void> | undefined {
    const needed = Math.max(this.#logicalNow() + 1, timeOf(after) + 2)
    if (needed < this.#lease.ceiling()) return undefined
    return this.#raise(needed)
  }

  /** Reserves time now and, until `close`, again well before it is used up. */
  async keepAhead(): Promise<void> {
    this.#timer ??= this.#clock.every(checkEvery, () => {
      const now = this.#clock.now()
      if (now <= this.#lease.ceiling() && this.#lease.ceiling() - this.#logicalNow() > reserveAgain) return
      if (this.#lease.ceiling() - now < reserveAgain || this.#lease.ceiling() - this.#logicalNow() < headroom / 2)
        void this.#raise(this.#logicalNow())
    })
    await this.#raise(this.#logicalNow())
    if (this.#failure !== undefined) throw refused('No ids could be reserved.', 1_000, this.#failure)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** The time that the next id would carry at least, ms since the Unix epoch. */
  #logicalNow(): number {
    return Math.max(this.#clock.now(), this.#time + snowflakeEpoch + 1)
  }

  /** Never rejects: while the ceiling stays where it is, `next` refuses and tells why. */
  #raise(needed: number): Promise<void> {
    this.#raising ??= this.#raiseOnce(needed).finally(() => {
      this.#raising = undefined
    })
    return this.#raising
  }

  async #raiseOnce(needed: number): Promise<void> {
    const now = this.#clock.now()
    // Beyond what may be used anyway a reservation would only block the next owner.
    const target = Math.min(Math.max(now + reserve, needed + headroom), now + maxAhead + headroom)
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

/** time · 2²² + low in decimal; in two halves of 10⁶ that are exact as doubles, since BigInt is several times slower. */
function join(time: number, low: number): string {
  const upper = Math.floor(time / 1e6)
  const rest = (time - upper * 1e6) * perMillisecond + low
  const carry = Math.floor(rest / 1e6)
  const head = upper * perMillisecond + carry
  const tail = rest - carry * 1e6
  return head === 0 ? String(tail) : head + String(1e6 + tail).slice(1)
}

function split(id: string): { time: number; low: number } {
  const head = Number(id.slice(0, -6))
  const upper = Math.floor(head / perMillisecond)
  const rest = (head - upper * perMillisecond) * 1e6 + Number(id.slice(-6))
  const time = Math.floor(rest / perMillisecond)
  return { time: upper * 1e6 + time, low: rest - time * perMillisecond }
}
