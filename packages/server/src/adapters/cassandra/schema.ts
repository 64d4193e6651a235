import { createHash } from 'node:crypto'
import { type Clock, sleep } from '../../lib/clock.ts'
import type { Levels } from './consistency.ts'
import type { Client } from './driver.ts'

export interface Migration {
  name: string
  /** Each may be run again without harm. */
  statements: readonly string[]
}

/** ms. A node that dies while it makes the tables holds the others up for `hold`. */
const patience = { statement: 20_000, hold: 60_000, again: 200 }

/**
 * Makes the tables that are missing in the client's keyspace. Nodes that start together take turns: Cassandra does not
 * survive two of them making one table at the same time. The table that the turns are kept in is safe from that: its id
 * follows from its name.
 */
export async function makeTables(
  client: Client,
  migrations: readonly Migration[],
  world: { clock: Clock; owner: string; levels: Levels },
): Promise<void> {
  const { clock, owner, levels } = world
  const run = (query: string, params: readonly unknown[] = []) =>
    client.execute(query, [...params], { ...levels, readTimeout: patience.statement })
  const id = uuidOf(`${client.keyspace}.migrations`)
  await run(`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, owner text) WITH ID = ${id}`)
  const missing = async (): Promise<Migration[]> => {
    const known = new Set((await run('SELECT name FROM migrations')).rows.map((row) => row.get('name')))
    return migrations.filter(({ name }) => !known.has(name))
  }
  const take = `INSERT INTO migrations (name, owner) VALUES ('turn', ?) IF NOT EXISTS USING TTL ${patience.hold / 1000}`
  while ((await missing()).length > 0) {
    if (!(await run(take, [owner])).wasApplied()) {
      await sleep(clock, patience.again)
      continue
    }
    try {
      for (const { name, statements } of await missing()) {
        for (const statement of statements) await run(statement)
        await run('INSERT INTO migrations (name) VALUES (?)', [name])
      }
    } finally {
      await run("DELETE FROM migrations WHERE name = 'turn' IF owner = ?", [owner])
    }
  }
}

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
