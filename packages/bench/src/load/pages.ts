import { Histogram, type LatencySummary } from '../measure/histogram.ts'
import { callApi } from './api.ts'
import type { Endpoint } from './wire-socket.ts'

export interface PagesPlan {
  /** Requests are drawn from these at random; `before` at random up to `head` when it is there. */
  sources: readonly { token: string; path: string; head?: number }[]
  /** Each answer must have this many items. */
  items: number
  warmUp: number
  requests: number
}

export interface PagesResult {
  requests: number
  latency: LatencySummary
  failures: string[]
}

/** W6, W7: pages read one after the other on a kept connection. */
export async function readPages(endpoint: Endpoint, plan: PagesPlan): Promise<PagesResult> {
  const histogram = new Histogram()
  const failures = new Set<string>()
  for (let count = 0; count < plan.warmUp + plan.requests; count++) {
    const source = plan.sources[Math.floor(Math.random() * plan.sources.length)]!
    const before = source.head === undefined ? '' : `&before=${plan.items + 1 + randomBelow(source.head - plan.items)}`
    const began = performance.now()
    const page = await callApi<{ items: unknown[] }>(endpoint, source.token, 'GET', source.path + before)
    if (count >= plan.warmUp) histogram.record(performance.now() - began)
    if (page.items.length !== plan.items) failures.add(`${source.path}: ${page.items.length} items`)
  }
  return { requests: plan.requests, latency: histogram.summary(), failures: [...failures].slice(0, 5) }
}

function randomBelow(bound: number): number {
  return Math.floor(Math.random() * Math.max(1, bound))
}
