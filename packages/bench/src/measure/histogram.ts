const subBuckets = 64
const subBits = 6
const octaves = 26

/** Counts latencies in log-linear buckets (µs, up to about a minute), each at most 1.6 % wide. */
export class Histogram {
  readonly #counts = new Float64Array(subBuckets * (octaves + 1))
  #total = 0
  #max = 0

  get count(): number {
    return this.#total
  }

  /** `ms` below zero (a clock that was read early) counts as zero. */
  record(ms: number): void {
    const micros = Math.max(0, Math.round(ms * 1000))
    const index = bucketOf(micros)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#total += 1
    if (ms > this.#max) this.#max = ms
  }

  /** The latency in ms that `fraction` of all were not above; 0 when nothing was recorded. */
  percentile(fraction: number): number {
    if (this.#total === 0) return 0
    const wanted = Math.ceil(fraction * this.#total)
    let seen = 0
    for (let index = 0; index < this.#counts.length; index++) {
      seen += this.#counts[index] ?? 0
      if (seen >= wanted) return Math.min(upperEdge(index) / 1000, this.#max)
    }
    return this.#max
  }

  summary(): LatencySummary {
    return { p50: this.percentile(0.5), p95: this.percentile(0.95), p99: this.percentile(0.99), max: this.#max }
  }

  reset(): void {
    this.#counts.fill(0)
    this.#total = 0
    this.#max = 0
  }
}

/** Milliseconds. */
export interface LatencySummary {
  p50: number
  p95: number
  p99: number
  max: number
}

function bucketOf(micros: number): number {
  if (micros < subBuckets) return micros
  const octave = Math.min(octaves, 31 - Math.clz32(micros) - subBits + 1)
  const sub = Math.min(subBuckets - 1, micros >>> octave)
  return octave * subBuckets + sub
}

function upperEdge(index: number): number {
  const octave = Math.floor(index / subBuckets)
  const sub = index % subBuckets
  return octave === 0 ? sub : (sub + 1) * 2 ** octave - 1
}
