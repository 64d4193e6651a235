import type { Client, Driver } from './driver.ts'

/** One step of the schema. Steps are applied in order of name, once, and never change after a release. */
export interface Migration {
  name: string
  sql: string
}

/** Of the advisory lock under which one node at a time changes the schema. */
const lock = 7_021_385_119

/**
 * Brings a database up to date, all or nothing, and does `more` in the same step; other nodes that start wait.
 * @throws when it was written by a later release
 */
export async function migrate<T>(
  driver: Driver,
  target: { url: string; schema: string | undefined },
  migrations: readonly Migration[],
  more: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new driver.Client({ connectionString: target.url, connectionTimeoutMillis: 10_000 })
  client.on('error', () => {})
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(
      `SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; SET LOCAL client_min_messages = warning`,
    )
    await client.query('SELECT pg_advisory_xact_lock($1)', [lock])
    if (target.schema !== undefined) {
      const schema = client.escapeIdentifier(target.schema)
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}; SET LOCAL search_path = ${schema}`)
    }
    await apply(client, migrations)
    const result = await more(client)
    await client.query('COMMIT')
    return result
  } finally {
    await client.end()
  }
}

async function apply(client: Client, migrations: readonly Migration[]): Promise<void> {
  await client.query(
    'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
  )
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations')
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = rows.map(({ name }) => name).filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`it was written by a later release (${unknown.join(', ')}).`)
  const done = new Set(rows.map(({ name }) => name))
  for (const { name, sql } of migrations) {
    if (done.has(name)) continue
    await client.query(sql)
    await client.query('INSERT INTO migrations (name) VALUES ($1)', [name])
  }
}
