import { Histogram } from 'prom-client'
import { type Latencies, latencyBounds } from '../lib/latencies.ts'

/** Shows counts that are kept elsewhere, so that nothing of the metrics library runs for each observation. */
export class LatencyHistogram extends Histogram {
  readonly #name
  readonly #help
  readonly #latencies

  constructor(name: string, help: string, latencies: Latencies) {
    super({ name, help, buckets: [...latencyBounds], registers: [] })
    this.#name = name
    this.#help = help
    this.#latencies = latencies
  }

  /** What a registry asks a metric for; the library's own answers from what was observed through it. */
  async getForPromString(): Promise<object> {
    const upTo = this.#latencies.upTo
    const value = (suffix: string, number: number, labels = {}) => ({
      metricName: `${this.#name}_${suffix}`,
      value: number,
      labels,
    })
    const values = [
      ...upTo.map((count, index) => value('bucket', count, { le: latencyBounds[index] ?? '+Inf' })),
      value('sum', this.#latencies.sum),
      value('count', upTo.at(-1) ?? 0),
    ]
    return { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum', values }
  }
}
