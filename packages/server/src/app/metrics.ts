import { errorCodes } from '@parley/protocol'
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { LinkCounts } from '../delivery/outgoing-link.ts'
import type { NodeCounts } from '../lib/counts.ts'
import type { StatementCounts } from '../lib/statement-counts.ts'
import { LatencyHistogram } from './latency-histogram.ts'

export interface MetricSources {
  counts: NodeCounts
  sessions: () => number
  storeRefuses: () => boolean
  /** undefined: this node is alone. */
  /** undefined: not known. */
  clockAhead?: () => number | undefined
  statements?: StatementCounts
  links?: { readonly up: number; readonly counts: LinkCounts } | undefined
}

/** `/metrics`: plain numbers of the node, read when somebody asks; event-loop lag, memory and the like from the runtime. */
export function createMetrics({
  counts,
  sessions,
  storeRefuses,
  clockAhead,
  statements,
  links,
}: MetricSources): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  counter('parley_messages_accepted_total', 'Messages made durable with their queue places', () => counts.messages)
  counter('parley_entries_appended_total', 'Log entries of all kinds made durable', () => counts.entries)
  counter('parley_batches_appended_total', 'Appends, each of one conversation', () => counts.batches)
  counter('parley_places_total', 'Queue places made durable with entries', () => counts.places)
  new Counter({
    name: 'parley_refusals_total',
    help: 'Errors answered over sockets and HTTP, by code',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset()
      for (const code of errorCodes) this.inc({ code }, counts.refusals.get(code) ?? 0)
    },
  })
  const appending = new LatencyHistogram(
    'parley_append_seconds',
    'From giving a batch to the store until it is durable, or is refused',
    counts.appends,
  )
  registry.registerMetric(appending)
  gauge('parley_sessions', 'Sockets of this node', sessions)
  gauge('parley_store_refuses_writes', '1 while writes are refused: a disk that is full, a clock that is wrong', () =>
    storeRefuses() ? 1 : 0,
  )
  new Gauge({
    name: 'parley_clock_ahead_seconds',
    help: 'How far the clock of this machine is ahead of the database',
    registers: [registry],
    collect() {
      this.reset()
      const ahead = clockAhead?.()
      if (ahead !== undefined) this.set(ahead / 1000)
    },
  })
  new Counter({
    name: 'parley_engine_statements_total',
    help: 'Statements, batches and commands that engines were asked',
    labelNames: ['engine', 'kind', 'table'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { count, ...labels } of statements?.all() ?? []) this.inc(labels, count)
    },
  })
  if (links) {
    gauge('parley_node_links', 'Other nodes that are linked both ways', () => links.up)
    counter('parley_link_frames_total', 'Frames to other nodes, signs of life among them', () => links.counts.frames)
    counter('parley_link_bytes_total', 'Bytes of frames to other nodes', () => links.counts.bytes)
    new Counter({
      name: 'parley_link_messages_total',
      help: 'Messages to other nodes, by topic; a frame holds one or more',
      labelNames: ['topic'],
      registers: [registry],
      collect() {
        this.reset()
        for (const [topic, count] of links.counts.messages) this.inc({ topic }, count)
      },
    })
    counter('parley_link_dropped_total', 'Messages to other nodes that were dropped', () => links.counts.dropped)
  }
  return registry
}
