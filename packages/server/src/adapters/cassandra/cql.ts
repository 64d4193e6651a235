export type Row = Readonly<Record<string, unknown>>

/** A statement and what is bound to it. Prepared once by its text; all are idempotent. */
export interface Statement {
  query: string
  params: readonly unknown[]
}

/**
 * What queue and log ask of a connection: it prepares, chooses the consistency (QUORUM or LOCAL_QUORUM), tries again
 * elsewhere, and rejects as AppError `unavailable` when the outcome is not known.
 */
export interface Cql {
  execute(statement: Statement): Promise<readonly Row[]>
  /** Logged: all or none in the end. Unlogged: one message for many rows; some may be written when it rejects. */
  batch(statements: readonly Statement[], kind: 'logged' | 'unlogged'): Promise<void>
}
