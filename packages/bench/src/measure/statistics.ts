/** A median with the smallest and largest value it was taken from. */
export interface Spread {
  median: number
  min: number
  max: number
  count: number
}

export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), count: values.length }
}

/**
 * The ratio a ÷ b of each pair of slots that ran next to each other. Drift of the machine (heat, neighbours)
 * moves both halves of a pair, so it leaves the ratio alone.
 */
export function pairedRatios(a: readonly number[], b: readonly number[]): Spread {
  if (a.length !== b.length) throw new Error(`${a.length} slots are paired with ${b.length}`)
  return spreadOf(a.map((value, index) => value / (b[index] ?? Number.NaN)))
}
