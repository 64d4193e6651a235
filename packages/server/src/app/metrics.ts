import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { NodeCounts } from '../lib/counts.ts'

/** `/metrics`: plain numbers of the node, read when somebody asks. */
export function createMetrics(
  counts: NodeCounts,
  gauges: { sessions: () => number; storeRefuses: () => boolean },
): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counter = (name: string, help: string, read: () => number): void => {
    let told = 0
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        const now = read()
        this.inc(now - told)
        told = now
      },
    })
  }
  counter('parley_entries_appended_total', 'Log entries made durable with their queue places', () => counts.entries)
  counter('parley_batches_appended_total', 'Appends, each of one conversation', () => counts.batches)
  counter('parley_places_total', 'Queue places made durable with entries', () => counts.places)
  new Gauge({
    name: 'parley_sessions',
    help: 'Sockets of this node',
    registers: [registry],
    collect() {
      this.set(gauges.sessions())
    },
  })
  new Gauge({
    name: 'parley_store_refuses_writes',
    help: '1 while the disk refuses writes',
    registers: [registry],
    collect() {
      this.set(gauges.storeRefuses() ? 1 : 0)
    },
  })
  return registry
}
