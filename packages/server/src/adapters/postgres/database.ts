import type { Logger } from '../../lib/logger.ts'
import type { StatementCounts } from '../../lib/statement-counts.ts'
import { type Driver, type Pool, type PoolClient, type SqlValue, type Statement, storable } from './driver.ts'
import { failureOf, tooBusy } from './failures.ts'

/** Milliseconds. A statement ends on the server before the driver gives it up, so that nothing is done unseen. */
const limits = { connect: 3000, statement: 4000, lock: 2000, answer: 5000, idle: 30_000 }
/** Statements that may wait for a connection; more are refused at once. */
const waitingAllowed = 1000

export interface DatabaseOptions {
  label: string
  url: string
  schema: string | undefined
  connections: number
}

/** Runs statements on one connection, one after the other. */
export type Run = <Row>(statement: Statement, values: readonly SqlValue[]) => Promise<Row[]>

/**
 * One PostgreSQL database through a bounded pool. Every call may be repeated, so one whose connection broke, or that
 * lost to another transaction, is made once more; then it is `unavailable`, and may have been done.
 */
export class Database {
  readonly label: string
  readonly #pool: Pool
  readonly #logger
  readonly #counts
  #away = false

  constructor(
    driver: Driver,
    { label, url, schema, connections }: DatabaseOptions,
    logger: Logger,
    counts?: StatementCounts,
  ) {
    this.label = label
    this.#logger = logger
    this.#counts = counts
    const { getTypeParser } = driver.types
    const bigint = driver.types.builtins.INT8
    this.#pool = new driver.Pool({
      connectionString: url,
      max: connections,
      application_name: 'parley',
      connectionTimeoutMillis: limits.connect,
      idleTimeoutMillis: limits.idle,
      query_timeout: limits.answer,
      keepAlive: true,
      allowExitOnIdle: true,
      types: {
        getTypeParser: ((type: number, format?: 'text') =>
          type === bigint ? Number : getTypeParser(type, format)) as typeof getTypeParser,
      },
      onConnect: async (client) => {
        // While a connection is in use its end is told by what runs on it.
        client.on('error', () => {})
        await client.query(sessionSettings, [schema ?? null])
      },
    })
    this.#pool.on('error', () => {})
  }

  /** Rows of a statement that is complete in itself. */
  run: Run = (statement, values) => this.#twice((client) => this.#rowsOf(client, statement, values))

  /** A statement that is planned anew each time, for what its values are. */
  plan<Row>(text: string, values: readonly SqlValue[]): Promise<Row[]> {
    return this.#twice((client) => this.#rowsOf(client, { text }, values))
  }

  /** All of `work` or nothing. */
  transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.#twice(async (client) => {
      await client.query('BEGIN')
      const result = await work((statement, values) => this.#rowsOf(client, statement, values))
      await client.query('COMMIT')
      return result
    })
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async #rowsOf<Row>(
    client: PoolClient,
    statement: { name?: string; text: string },
    values: readonly SqlValue[],
  ): Promise<Row[]> {
    this.#counts?.noteQuery('postgres', statement.text)
    const { rows } = await client.query({ ...statement, values: values.map(storable) })
    return rows as Row[]
  }

  async #twice<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let again = true; ; again = false) {
      try {
        const result = await this.#once(work)
        this.#note(undefined)
        return result
      } catch (error) {
        const failure = failureOf(error)
        if (failure === 'fault') throw error
        if (again && failure !== 'away') continue
        this.#note(error)
        throw tooBusy(error)
      }
    }
  }

  async #once<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    if (this.#pool.waitingCount >= waitingAllowed) throw new Error('timeout: too many statements wait')
    const client = await this.#pool.connect()
    let failed: unknown
    try {
      return await work(client)
    } catch (error) {
      failed = error
      throw error
    } finally {
      // A connection on which something failed may be in the midst of a transaction, or of an answer.
      client.release(failed !== undefined)
    }
  }

  /** Once when it goes away, once when it is back. */
  #note(error: unknown): void {
    const away = error !== undefined
    if (away === this.#away) return
    this.#away = away
    if (away) this.#logger.warn({ database: this.label, error }, 'the database does not answer')
    else this.#logger.info({ database: this.label }, 'the database answers again')
  }
}

const sessionSettings = `
SELECT set_config('statement_timeout', '${limits.statement}', false), set_config('lock_timeout', '${limits.lock}', false),
  set_config('idle_in_transaction_session_timeout', '${limits.answer}', false),
  set_config('search_path', coalesce(quote_ident($1), current_setting('search_path')), false),
  -- What was acknowledged is on the disk, whatever the server's default says.
  set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false)`
