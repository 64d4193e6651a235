/** How long and how often. Figures are of full timing; quick timing only shows that a bench works. */
export interface Timing {
  pairs: number
  /** Before the first slot of a server. */
  warmUpMs: number
  /** At the start of every later slot. */
  rampMs: number
  windowMs: number
}

export const fullTiming: Timing = { pairs: 5, warmUpMs: 5000, rampMs: 1000, windowMs: 15_000 }
export const quickTiming: Timing = { pairs: 1, warmUpMs: 300, rampMs: 100, windowMs: 700 }
