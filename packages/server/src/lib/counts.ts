import type { ErrorCode } from '@parley/protocol'
import { Latencies } from './latencies.ts'

/** What a node counts; plain numbers, so that counting costs nothing. */
export interface NodeCounts {
  entries: number
  /** Entries that are messages. */
  messages: number
  batches: number
  places: number
  /** From the call of the store to its answer. */
  appends: Latencies
  /** Errors answered over sockets and HTTP. */
  refusals: Map<ErrorCode, number>
}

export const newCounts = (): NodeCounts => ({
  entries: 0,
  messages: 0,
  batches: 0,
  places: 0,
  appends: new Latencies(),
  refusals: new Map(),
})

export function countRefusal({ refusals }: NodeCounts, code: ErrorCode): void {
  refusals.set(code, (refusals.get(code) ?? 0) + 1)
}
