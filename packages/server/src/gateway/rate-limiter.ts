/** At most `points` in `seconds`, for one key. */
export interface RateRule {
  points: number
  seconds: number
}

/** Port: counters of what a key (a user, device, address or conversation) did lately. */
export interface RateLimiter {
  /** Takes one point. Resolves or returns 0 when allowed, else the milliseconds to wait. */
  take(rule: RateRule, name: string, key: string): number | Promise<number>
}

/** Absence of limits (`--rate-limits off`). */
export const unlimited: RateLimiter = { take: () => 0 }
