import type { Random } from './environment.ts'

const shortest = 500
const longest = 60_000

/** Full-jitter back-off from 0.5 s to 60 s (rule K3): ms to wait after so many failures in a row, 1 and more. */
export function backOff(random: Random, failures: number): number {
  const bound = Math.min(longest, shortest * 2 ** Math.min(failures - 1, 20))
  return Math.max(shortest / 10, Math.floor(random.float() * bound))
}
