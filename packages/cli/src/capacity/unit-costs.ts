import { readFileSync } from 'node:fs'

/** What one unit of work costs on the machine it was measured on. */
export interface UnitCosts {
  /** CPU-seconds of a node per 1,000 messages accepted and stored. */
  messages: number
  /** CPU-seconds of a node per 1,000 deliveries to connected devices. */
  deliveries: number
  /** CPU-seconds of a node per 1,000 heartbeats. */
  heartbeats: number
  /** Bytes of memory of a node per connection. */
  connection: number
  /** CPU-seconds of Cassandra per 1,000 messages, their queue rows aside, for each copy. */
  append: number
  /** CPU-seconds of Cassandra per 1,000 queue rows, for each copy. */
  queueRow: number
}

/** Measured on 2 cores by `parley bench`, Cassandra's on one node of it that flushes before it answers (docs/capacity.md). */
export const measuredCosts: UnitCosts = {
  messages: 0.65,
  deliveries: 0.0046,
  heartbeats: 0.033,
  connection: 12_000,
  append: 1.9,
  queueRow: 0.07,
}

/** Queue rows of a one-to-one message, which is what W9 sends. */
const rowsPerMessage = 2

interface BenchRow {
  work: string
  figure: string
  parley?: number
}

/** Costs of this machine, from the report that `parley bench` wrote; what it did not measure stays as it was. */
export function costsFromBench(path: string): UnitCosts {
  let rows: BenchRow[]
  try {
    rows = (JSON.parse(readFileSync(path, 'utf8')) as { rows: BenchRow[] }).rows
  } catch (error) {
    throw new Error(`${path} is no report of parley bench: ${(error as Error).message}`)
  }
  const figure = (work: string, name: string, scale = 1): number | undefined => {
    const found = rows.find((row) => row.work === work && row.figure === name)?.parley
    return found === undefined ? undefined : found * scale
  }
  const { queueRow } = measuredCosts
  const stored = figure('W9', 'cassandra beside 1 node')
  return {
    messages: figure('W9', 'cost on 1 node') ?? measuredCosts.messages,
    deliveries: figure('W2.full', 'cost') ?? measuredCosts.deliveries,
    heartbeats: figure('W3.beat', 'cost of a heartbeat') ?? measuredCosts.heartbeats,
    connection: figure('W3', '19,000 idle', 1024) ?? measuredCosts.connection,
    queueRow,
    append: stored === undefined ? measuredCosts.append : Math.max(0, stored - rowsPerMessage * queueRow),
  }
}
