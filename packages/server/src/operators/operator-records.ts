import type { AuditEntry } from '@parley/protocol'

/**
 * Port: offers to become the first operator, and what operators did.
 * Every write may be repeated; one that rejects as `unavailable` may have been done.
 */
export interface OperatorRecords {
  /** Offers the place to whoever brings what hashes to `hash`, until `until` (ms). Earlier offers stay good. */
  offer(hash: string, until: number): Promise<void>
  /** True once for an offer that is good at `at`, and never for another after it: all offers go with the one taken. */
  take(hash: string, at: number): Promise<boolean>
  /** Durable when it resolves. Known by its id, which grows with the time. */
  note(entry: AuditEntry): Promise<void>
  /** Those of these ids that are there, in no order. */
  find(ids: readonly string[]): Promise<AuditEntry[]>
  /** The newest first, behind the id `before`. */
  entries(before: string | undefined, limit: number): Promise<AuditEntry[]>
}
