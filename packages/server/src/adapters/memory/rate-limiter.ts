import type { RateLimiter, RateRule } from '../../gateway/rate-limiter.ts'
import type { Clock } from '../../lib/clock.ts'

/** Keys remembered for one name; twice as many between two tidyings. */
const capacity = 100_000

/**
 * Token buckets: a rule's points at once, refilled evenly over its seconds. A bucket is forgotten when nothing took
 * from it for its rule's seconds (it is full again then), or when more keys than `capacity` came after it.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #clock
  readonly #capacity
  #byName = new Map<string, Buckets>()

  constructor(clock: Clock, keys = capacity) {
    this.#clock = clock
    this.#capacity = keys
  }

  take(rule: RateRule, name: string, key: string): number {
    let buckets = this.#byName.get(name)
    if (!buckets) {
      buckets = new Buckets(rule.seconds * 1000, this.#capacity)
      this.#byName.set(name, buckets)
    }
    return buckets.take(rule.points, key, this.#clock.monotonic())
  }

  /** Buckets in memory. */
  get size(): number {
    let size = 0
    for (const buckets of this.#byName.values()) size += buckets.size
    return size
  }
}

interface Bucket {
  points: number
  at: number
}

/** Two generations: what is taken from moves to the young one, and the old one is dropped as a whole. */
class Buckets {
  readonly #period
  readonly #capacity
  #young = new Map<string, Bucket>()
  #old = new Map<string, Bucket>()
  #since = 0

  constructor(period: number, keys: number) {
    this.#period = period
    this.#capacity = keys
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }

  take(points: number, key: string, now: number): number {
    if (now - this.#since >= this.#period || this.#young.size >= this.#capacity) this.#age(now)
    let bucket = this.#young.get(key)
    if (!bucket) {
      bucket = this.#old.get(key) ?? { points, at: now }
      this.#old.delete(key)
      this.#young.set(key, bucket)
    }
    const perMillisecond = points / this.#period
    bucket.points = Math.min(points, bucket.points + (now - bucket.at) * perMillisecond)
    bucket.at = now
    // Rounding must not refuse who waited as long as told.
    if (bucket.points < 1 - 1e-9) return (1 - bucket.points) / perMillisecond
    bucket.points--
    return 0
  }

  #age(now: number): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#since = now
  }
}
