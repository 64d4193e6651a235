/** What SQLite stores. */
export type SqlValue = string | number | bigint | Uint8Array | null

export interface Statement {
  sql: string
  params: readonly SqlValue[]
  /** Rows changed (or returned, with RETURNING) that this statement must have, else the whole write is undone. */
  expect?: number
}

export interface StatementResult {
  changes: number
  /** Rows of a RETURNING clause. */
  rows: unknown[]
}

/** All statements were stored, or none because `failed` (an index) did not have the rows it expects. */
export type WriteOutcome = { stored: true; results: StatementResult[] } | { stored: false; failed: number }

/**
 * One data file. Writes of all adapters meet in one thread and are committed in groups; reads have a thread of
 * their own, so they never wait for the disk's flush. Statements are prepared once per SQL text.
 */
export interface SqliteDatabase {
  /** Durable (WAL, synchronous=FULL) when it resolves. Atomic. Rejects as `unavailable` when the disk is full. */
  write(statements: readonly Statement[]): Promise<WriteOutcome>
  /** Sees every write that resolved before. */
  read<Row>(sql: string, params: readonly SqlValue[]): Promise<Row[]>
}
