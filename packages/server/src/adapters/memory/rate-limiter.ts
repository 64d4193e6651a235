import type { RateLimiter, RateRule } from '../../gateway/rate-limiter.ts'
import type { Clock } from '../../lib/clock.ts'

interface Bucket {
  points: number
  at: number
}

const capacity = 200_000

/** Token buckets: a rule's points at once, refilled evenly over its seconds. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #clock
  #buckets = new Map<string, Bucket>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  take({ points, seconds }: RateRule, name: string, key: string): number {
    const id = `${name} ${key}`
    const now = this.#clock.monotonic()
    const bucket = this.#buckets.get(id)
    if (!bucket) {
      // Forgetting is generous for a moment; remembering without bound would be a way to fill the memory.
      if (this.#buckets.size >= capacity) this.#buckets.clear()
      this.#buckets.set(id, { points: points - 1, at: now })
      return 0
    }
    const perMillisecond = points / (seconds * 1000)
    bucket.points = Math.min(points, bucket.points + (now - bucket.at) * perMillisecond)
    bucket.at = now
    if (bucket.points < 1) return (1 - bucket.points) / perMillisecond
    bucket.points--
    return 0
  }
}
