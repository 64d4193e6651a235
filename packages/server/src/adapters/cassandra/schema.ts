import { createHash } from 'node:crypto'
import { type Clock, sleep, stopwatch } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import { agreement, hostsUp } from './agreement.ts'
import type { Levels } from './consistency.ts'
import { type Client, type Host, toStoreError } from './driver.ts'

export interface Migration {
  name: string
  /** Columns of tables of earlier steps. They are looked for first: adding one that is there fails. */
  columns?: readonly { table: string; name: string; type: string }[]
  /** Each may be run again without harm. */
  statements: readonly string[]
}

/** ms. A node that dies while it makes the tables holds the others up for `hold`. */
const patience = { statement: 20_000, hold: 60_000, again: 200, all: 180_000 }

/**
 * Makes the tables that are missing in the client's keyspace. Nodes that start together take turns: Cassandra does not
 * survive two of them making one table at the same time. The table that the turns are kept in is safe from that: its id
 * follows from its name. All of it may be repeated, and is while hosts do not answer. @throws Error
 */
export async function makeTables(
  client: Client,
  migrations: readonly Migration[],
  world: { clock: Clock; owner: string; levels: Levels },
): Promise<void> {
  const elapsed = stopwatch(world.clock)
  for (let tries = 0; ; tries++) {
    const up = hostsUp(client)
    const host = up[tries % up.length]
    try {
      // One host does all of it: tables that one host makes one after the other do not meet.
      if (host) return await new Schema(client, host, world).make(migrations)
    } catch (error) {
      const failure = toStoreError(error)
      if (!(failure instanceof AppError) || elapsed() > patience.all) throw error
    }
    await sleep(world.clock, patience.again)
  }
}

class Schema {
  readonly #client
  readonly #host
  readonly #world

  constructor(client: Client, host: Host, world: { clock: Clock; owner: string; levels: Levels }) {
    this.#client = client
    this.#host = host
    this.#world = world
  }

  async make(migrations: readonly Migration[]): Promise<void> {
    const id = uuidOf(`${this.#client.keyspace}.migrations`)
    await this.#run(`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, owner text) WITH ID = ${id}`)
    await agreement(this.#client, this.#host, this.#world.clock)
    while ((await this.#missing(migrations)).length > 0) {
      if (!(await this.#takeTurn())) {
        await sleep(this.#world.clock, patience.again)
        continue
      }
      try {
        for (const { name, columns = [], statements } of await this.#missing(migrations)) {
          for (const column of columns) await this.#addColumn(column)
          for (const statement of statements) await this.#run(statement)
          await agreement(this.#client, this.#host, this.#world.clock)
          await this.#run('INSERT INTO migrations (name) VALUES (?)', [name])
        }
      } finally {
        await this.#run("DELETE FROM migrations WHERE name = 'turn' IF owner = ?", [this.#world.owner])
      }
    }
  }

  async #missing(migrations: readonly Migration[]): Promise<Migration[]> {
    const { rows } = await this.#run('SELECT name FROM migrations')
    const known = new Set(rows.map((row) => row.get('name')))
    return migrations.filter(({ name }) => !known.has(name))
  }

  async #addColumn({ table, name, type }: { table: string; name: string; type: string }): Promise<void> {
    const find = 'SELECT type FROM system_schema.columns WHERE keyspace_name = ? AND table_name = ? AND column_name = ?'
    const found = await this.#run(find, [this.#client.keyspace, table, name])
    if (found.rowLength === 0) await this.#run(`ALTER TABLE ${table} ADD ${name} ${type}`)
  }

  /** True when it is ours, also by a try whose answer was lost. */
  async #takeTurn(): Promise<boolean> {
    const { owner } = this.#world
    const take = `INSERT INTO migrations (name, owner) VALUES ('turn', ?) IF NOT EXISTS USING TTL ${patience.hold / 1000}`
    const answer = await this.#run(take, [owner])
    return answer.wasApplied() || answer.first()?.get('owner') === owner
  }

  #run(query: string, params: readonly unknown[] = []) {
    const { levels } = this.#world
    return this.#client.execute(query, [...params], { ...levels, host: this.#host, readTimeout: patience.statement })
  }
}

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
