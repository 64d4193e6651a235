import pg from 'pg'
import { systemClock } from '../../lib/clock.ts'
import { type Logger, silentLogger } from '../../lib/logger.ts'
import { openPostgres, type PostgresStores } from './open.ts'

/** Where PostgreSQL is, for tests; '' where none runs. Its user may make databases. */
export const server = (process.env.DATABASE_URL ?? '').split(',')[0] as string

/** For the title of tests that are left out. */
export const missing = server === '' ? ' (PostgreSQL is not running: npm run engines -- up postgres)' : ''

let schemas = 0

/** Databases of a test file, each empty and its own; and places in them that nobody else has. */
export class TestDatabases {
  readonly #names: string[]

  private constructor(names: string[]) {
    this.#names = names
  }

  static async make(count: number): Promise<TestDatabases> {
    const stamp = `${process.pid}_${Math.random().toString(36).slice(2, 10)}`
    const names = Array.from({ length: count }, (_, index) => `parley_test_${stamp}_${index + 1}`)
    for (const name of names) await query(server, `CREATE DATABASE ${name}`)
    return new TestDatabases(names)
  }

  /** `DATABASE_URL` of as many empty schemas as there are databases. */
  fresh(options = ''): string {
    const schema = `t${++schemas}`
    return this.#names.map((name) => `${databaseUrl(name)}?schema=${schema}${options}`).join()
  }

  async remove(): Promise<void> {
    for (const name of this.#names) await query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  }
}

/** Nodes over the same databases. */
export function nodesOver(urls: string, logger: Logger = silentLogger) {
  const open: PostgresStores[] = []
  const node = async (): Promise<PostgresStores> => {
    const stores = await openPostgres([urls], { clock: systemClock, logger })
    open.push(stores)
    return stores
  }
  const close = async () => {
    await Promise.all(open.map((one) => one.close()))
  }
  return { node, close }
}

/** Runs one statement in the schema that `url` names. */
export async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const at = new URL(url)
  const schema = at.searchParams.get('schema')
  at.search = ''
  const client = new pg.Client({ connectionString: at.href })
  await client.connect()
  try {
    if (schema !== null) await client.query(`SET search_path = ${schema}`)
    return (await client.query<Row>(text, values)).rows
  } finally {
    await client.end()
  }
}

function databaseUrl(name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  url.search = ''
  return url.href
}
