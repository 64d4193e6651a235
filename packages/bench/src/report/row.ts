/** One line of the table: a figure of Parley beside its limit and its goal. */
export interface Row {
  work: string
  figure: string
  parley?: number
  limit?: number
  unit: string
  /** Parley ÷ limit: the median of the pairs, with its spread. */
  ratio?: { median: number; min: number; max: number; count: number }
  goal?: Goal
  /** Why there is no figure, or slots that were no data points. */
  failures?: string[]
}

/** Bounds on the figure and on its ratio to the limit; all must hold. */
export interface Goal {
  atMost?: number
  atLeast?: number
  ratioAtMost?: number
  ratioAtLeast?: number
}

export type Verdict = 'met' | 'missed' | 'failed' | 'unmeasured' | ''

export function verdictOf(row: Row): Verdict {
  if (row.failures && row.failures.length > 0) return 'failed'
  if (!row.goal) return ''
  const { atMost, atLeast, ratioAtMost, ratioAtLeast } = row.goal
  const bounds: [number | undefined, number | undefined, boolean][] = [
    [row.parley, atMost, true],
    [row.parley, atLeast, false],
    [row.ratio?.median, ratioAtMost, true],
    [row.ratio?.median, ratioAtLeast, false],
  ]
  for (const [value, bound, upper] of bounds) {
    if (bound === undefined) continue
    if (value === undefined || !Number.isFinite(value)) return 'unmeasured'
    if (upper ? value > bound : value < bound) return 'missed'
  }
  return 'met'
}
