import cassandra from 'cassandra-driver'
import pg from 'pg'

/** Somebody who changes single rows in a cluster's engines behind everybody's back, and puts them back. */
export class Tampering {
  readonly #cassandra
  readonly #postgres

  private constructor(client: cassandra.Client, database: pg.Client) {
    this.#cassandra = client
    this.#postgres = database
  }

  /** `env`: what nodes of that cluster are started with. */
  static async open(env: Record<'DATABASE_URL' | 'PARLEY_CASSANDRA_URL', string>): Promise<Tampering> {
    const url = new URL(env.PARLEY_CASSANDRA_URL.replace(/^cassandra/, 'http').replace(/,[^/]*/, ''))
    const client = new cassandra.Client({
      contactPoints: [url.host],
      localDataCenter: url.searchParams.get('dc') ?? 'datacenter1',
      keyspace: url.pathname.slice(1),
    })
    const at = new URL(env.DATABASE_URL)
    const schema = at.searchParams.get('schema')
    at.search = ''
    const database = new pg.Client({ connectionString: at.href, options: `-c search_path=${schema}` })
    await database.connect()
    return new Tampering(client, database)
  }

  async close(): Promise<void> {
    await this.#cassandra.shutdown()
    await this.#postgres.end()
  }

  /** One row that fits is gone, or is another one. @returns what puts it back */
  async row(
    table: string,
    key: readonly string[],
    fits: (row: Row) => boolean,
    change?: Row,
  ): Promise<() => Promise<void>> {
    const { rows } = await this.#cassandra.execute(`SELECT JSON * FROM ${table}`)
    const all = rows.map((row) => parse(row['[json]']))
    const row = all.find(fits)
    if (!row) throw new Error(`no such row in ${table}`)
    const remove = async (one: Row): Promise<void> => {
      const where = key.map((name) => `${name} = ${literal(one[name])}`).join(' AND ')
      await this.#cassandra.execute(`DELETE FROM ${table} WHERE ${where}`)
    }
    const put = (one: Row) =>
      this.#cassandra.execute(`INSERT INTO ${table} JSON ? DEFAULT UNSET`, [JSON.stringify(one)])
    await remove(row)
    const other = change && { ...row, ...change }
    if (other) await put(other)
    return async () => {
      if (other) await remove(other)
      await put(row)
    }
  }

  /** Statements for PostgreSQL: one that changes something, and one that undoes it. */
  async rows(change: string, undo: string): Promise<() => Promise<void>> {
    const { rowCount } = await this.#postgres.query(change)
    if (rowCount === 0) throw new Error(`${change} changed nothing`)
    return async () => {
      await this.#postgres.query(undo)
    }
  }
}

export type Row = Record<string, unknown>

/** Ids are longer than numbers are exact; Cassandra takes them as texts, too. */
const parse = (json: string): Row => JSON.parse(json.replace(/: (\d{16,})/g, ': "$1"')) as Row

const literal = (value: unknown): string =>
  typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`
