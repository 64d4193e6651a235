import type { Clock } from './clock.ts'

/** What an engine says of itself, for `parley doctor`. */
export interface EngineReport {
  /** e.g. `Redis`. */
  engine: string
  version: string
  /** Milliseconds of one way there and back: the middle one of several. */
  latency: number
  /** Milliseconds by which its clock is ahead of ours; undefined where it does not tell. */
  clockSkew?: number
  /** What our promises rest on, as the engine has it set. */
  settings: Readonly<Record<string, string>>
  /** What to change, a sentence each. */
  advice: readonly string[]
}

const tries = 5

/**
 * Asks several times, one after the other. `ask` may answer the engine's clock, ms since the epoch; it is compared with
 * the middle of the fastest way there and back.
 */
export async function measure(
  clock: Clock,
  ask: () => Promise<number | undefined>,
): Promise<{ latency: number; clockSkew?: number }> {
  const ways: { took: number; skew: number | undefined }[] = []
  for (let left = tries; left > 0; left--) {
    const [started, at] = [clock.monotonic(), clock.now()]
    const theirs = await ask()
    const took = clock.monotonic() - started
    ways.push({ took, skew: theirs === undefined ? undefined : theirs - (at + took / 2) })
  }
  ways.sort((a, b) => a.took - b.took)
  const latency = ways[Math.floor(tries / 2)]?.took ?? 0
  const skew = ways[0]?.skew
  return { latency, ...(skew === undefined ? {} : { clockSkew: Math.round(skew) }) }
}

/** Milliseconds that clocks of nodes and engines may differ before it is said. */
const skewTold = 1_000

export const skewAdvice = (clockSkew: number | undefined): string[] =>
  clockSkew === undefined || Math.abs(clockSkew) < skewTold
    ? []
    : [
        `Its clock is ${Math.abs(clockSkew)} ms ${clockSkew > 0 ? 'ahead of' : 'behind'} this machine's: run NTP on both.`,
      ]
