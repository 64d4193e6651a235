import type { Database } from 'better-sqlite3'
import { unwatch } from './changes.ts'

/** One step of the schema. Steps are applied in order of name, once, and never change after a release. */
export interface Migration {
  name: string
  sql: string
}

/** Brings a data file up to date. @throws when the file was written by a later release. */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)',
  )
  const done = new Set(database.prepare<[], string>('SELECT name FROM migrations').pluck().all())
  const known = new Set(migrations.map((step) => step.name))
  const unknown = [...done].filter((name) => !known.has(name))
  if (unknown.length > 0) throw new Error(`The data folder was written by a later release (${unknown.join(', ')}).`)
  const steps = migrations.filter(({ name }) => !done.has(name))
  // Tables are about to be others than those that are watched: a move that was begun begins again.
  if (done.size > 0 && steps.length > 0) unwatch(database)
  for (const step of steps) {
    database.transaction(() => {
      database.exec(step.sql)
      database.prepare('INSERT INTO migrations (name) VALUES (?)').run(step.name)
    })()
  }
}
