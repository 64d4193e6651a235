import type { StatementCounts } from '../../lib/statement-counts.ts'
import type { Levels } from './consistency.ts'
import type { Cql, Row, Statement } from './cql.ts'
import { type Client, type Host, type ResultSet, toStoreError } from './driver.ts'

/** What a conditional batch did: everything (then no rows), or nothing (then the rows that were in the way). */
export interface Decision {
  applied: boolean
  rows: readonly Row[]
}

const engine = 'cassandra'

/** A node's way to Cassandra: prepared statements at the consistency that the promises need. */
export class CassandraConnection implements Cql {
  readonly #client
  readonly #reading
  readonly #serial
  readonly #conditional
  readonly #logged
  readonly #unlogged
  readonly #counts

  /** `counts` is told of every statement and batch. */
  constructor(client: Client, { consistency, serialConsistency }: Levels, counts?: StatementCounts) {
    this.#client = client
    this.#counts = counts
    this.#reading = { prepare: true, isIdempotent: true, consistency }
    this.#serial = { prepare: true, isIdempotent: true, consistency: serialConsistency }
    this.#conditional = { prepare: true, isIdempotent: false, consistency, serialConsistency }
    this.#logged = { prepare: true, isIdempotent: true, consistency, logged: true }
    this.#unlogged = { prepare: true, isIdempotent: true, consistency, logged: false }
  }

  execute({ query, params }: Statement): Promise<readonly Row[]> {
    this.#counts?.noteQuery(engine, query)
    return answered(async () => allRows(await this.#client.execute(query, [...params], this.#reading)))
  }

  /** A read of one partition that sees every conditional write that anybody may ever see. */
  serial({ query, params }: Statement): Promise<readonly Row[]> {
    this.#counts?.noteQuery(engine, query, 'serial read')
    return answered(async () => allRows(await this.#client.execute(query, [...params], this.#serial)))
  }

  async batch(statements: readonly Statement[], kind: 'logged' | 'unlogged'): Promise<void> {
    this.#counts?.noteQuery(engine, statements[0]?.query ?? '', `${kind} batch`)
    await answered(() => this.#client.batch(queriesOf(statements), kind === 'logged' ? this.#logged : this.#unlogged))
  }

  /**
   * Statements on one partition, all of them or none, as their conditions say. Never repeated by the driver.
   * @throws AppError `unavailable`: it may have been applied, or may yet be
   */
  async conditional(statements: readonly Statement[]): Promise<Decision> {
    const [only] = statements
    this.#counts?.noteQuery(engine, only?.query ?? '', 'conditional')
    const result = await answered(() =>
      only && statements.length === 1
        ? this.#client.execute(only.query, [...only.params], this.#conditional)
        : this.#client.batch(queriesOf(statements), this.#conditional),
    )
    const applied = result.wasApplied()
    return { applied, rows: applied ? [] : result.rows }
  }

  hosts(): Host[] {
    return this.#client.hosts.values()
  }

  /** Asks one host about itself. */
  on(host: Host, query: string): Promise<readonly Row[]> {
    return answered(async () => (await this.#client.execute(query, [], { host, isIdempotent: true })).rows)
  }

  async close(): Promise<void> {
    await this.#client.shutdown()
  }
}

const queriesOf = (statements: readonly Statement[]) =>
  statements.map(({ query, params }) => ({ query, params: [...params] }))

async function allRows(result: ResultSet): Promise<readonly Row[]> {
  if (!result.pageState) return result.rows ?? []
  const rows: Row[] = []
  for await (const row of result) rows.push(row)
  return rows
}

async function answered<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask()
  } catch (error) {
    throw toStoreError(error)
  }
}
