/** Upper bounds in seconds: from a commit that found the disk idle to one that nobody waits for any more. */
export const latencyBounds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] as const

/** How long something took, counted by bucket: two additions for each, whatever is made of it later. */
export class Latencies {
  readonly #counts = new Float64Array(latencyBounds.length + 1)
  #sum = 0

  observe(seconds: number): void {
    let bucket = 0
    while (seconds > (latencyBounds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++
    this.#counts[bucket]!++
    this.#sum += seconds
  }

  /** Seconds. */
  get sum(): number {
    return this.#sum
  }

  /** How many took at most the bound of each bucket, the last one being without bound. */
  get upTo(): number[] {
    let total = 0
    return Array.from(this.#counts, (count) => {
      total += count
      return total
    })
  }
}
