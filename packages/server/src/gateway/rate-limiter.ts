/**
 * For one key `points` in `seconds`: fewer are never refused, and never more than twice as many are allowed (a burst,
 * and what was refilled meanwhile).
 */
export interface RateRule {
  points: number
  seconds: number
}

/** Port: counters of what a key (a user, device, address or conversation) did lately. A name has always one rule. */
export interface RateLimiter {
  /** Takes one point. Resolves or returns 0 when allowed, else the milliseconds after which one is allowed. */
  take(rule: RateRule, name: string, key: string): number | Promise<number>
}

/** Absence of limits (`--rate-limits off`). */
export const unlimited: RateLimiter = { take: () => 0 }
