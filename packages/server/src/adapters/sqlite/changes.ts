import type { Change, ChangeLog, MovedKind } from '../../migration/change-log.ts'
import type { Connection } from './connection.ts'
import type { Statement } from './database.ts'

type Event = 'INSERT' | 'UPDATE' | 'DELETE'

/** What is written down when a row of `table` changes: an expression over the row that tells the key. */
interface Watched {
  table: string
  events: readonly Event[]
  kind: MovedKind
  key: (row: 'NEW' | 'OLD') => string
}

/** How the key of a kind is written down: as the name that it is, as numbers of names, or as a list of numbers. */
const written: Readonly<Record<MovedKind, 'name' | 'numbers' | 'list'>> = {
  accounts: 'name',
  logs: 'numbers',
  own: 'numbers',
  receipts: 'numbers',
  queues: 'list',
  cursors: 'numbers',
  audit: 'name',
  notifications: 'name',
  media: 'name',
}

const all: readonly Event[] = ['INSERT', 'UPDATE', 'DELETE']
const kept: readonly Event[] = ['INSERT', 'UPDATE']

const watched: readonly Watched[] = [
  { table: 'usernames', events: kept, kind: 'accounts', key: (row) => `${row}.user` },
  { table: 'users', events: kept, kind: 'accounts', key: (row) => `${row}.id` },
  { table: 'devices', events: all, kind: 'accounts', key: (row) => `${row}.user` },
  { table: 'blocks', events: all, kind: 'accounts', key: (row) => `${row}.blocker` },
  { table: 'presence', events: kept, kind: 'accounts', key: (row) => `${row}.user` },
  { table: 'conversations', events: kept, kind: 'logs', key: (row) => `${row}.conversation` },
  { table: 'members', events: kept, kind: 'logs', key: (row) => `${row}.conversation` },
  { table: 'heads', events: kept, kind: 'logs', key: (row) => `${row}.conversation` },
  { table: 'member_settings', events: kept, kind: 'own', key: (row) => `${row}.user || ' ' || ${row}.conversation` },
  { table: 'read_marks', events: kept, kind: 'own', key: (row) => `${row}.user || ' ' || ${row}.conversation` },
  { table: 'hidden', events: kept, kind: 'own', key: (row) => `${row}.user || ' ' || ${row}.conversation` },
  { table: 'stars', events: all, kind: 'own', key: (row) => `${row}.user || ' ' || ${row}.conversation` },
  { table: 'clear_marks', events: kept, kind: 'own', key: (row) => `${row}.user || ' ' || ${row}.conversation` },
  { table: 'receipts', events: kept, kind: 'receipts', key: (row) => `${row}.conversation` },
  // One row for all that were placed in one commit: the users stand first in each record.
  {
    table: 'journal',
    events: ['INSERT'],
    kind: 'queues',
    key: (row) =>
      `(SELECT json_group_array(DISTINCT u.value) FROM json_each(${row}.records) r, json_each(r.value, '$[0]') u)`,
  },
  { table: 'audit', events: kept, kind: 'audit', key: (row) => `${row}.id` },
  { table: 'cursors', events: all, kind: 'cursors', key: (row) => `${row}.user` },
  { table: 'media', events: all, kind: 'media', key: (row) => `${row}.id` },
  { table: 'media_references', events: all, kind: 'media', key: (row) => `${row}.media` },
  { table: 'push_registrations', events: all, kind: 'notifications', key: (row) => `${row}.user` },
  { table: 'push_jobs', events: all, kind: 'notifications', key: (row) => `${row}.user` },
]

const triggers = watched.flatMap(({ table, events, kind, key }) =>
  events.map((event) => {
    const note = `INSERT INTO changes (kind, key) VALUES ('${kind}', ${key(event === 'DELETE' ? 'OLD' : 'NEW')})`
    return { name: `changes_${table}_${event.toLowerCase()}`, on: `AFTER ${event} ON ${table} BEGIN ${note}; END` }
  }),
)

/** From here on every change is written down beside it, in the same transaction. `name` is given to the watching. */
export const watchStatements = (name: string): Statement[] => [
  ...[
    'CREATE TABLE IF NOT EXISTS changes (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL)',
    ...triggers.map((trigger) => `CREATE TRIGGER IF NOT EXISTS ${trigger.name} ${trigger.on}`),
  ].map((sql) => ({ sql, params: [] })),
  { sql: `INSERT OR IGNORE INTO marks (name, value) VALUES ('watch', ?)`, params: [name] },
]

/** Nothing is written down any more, and what was is gone. */
export const unwatchStatements = (): Statement[] =>
  [
    ...triggers.map((trigger) => `DROP TRIGGER IF EXISTS ${trigger.name}`),
    'DROP TABLE IF EXISTS changes',
    `DELETE FROM marks WHERE name = 'watch'`,
  ].map((sql) => ({ sql, params: [] }))

/** The same for a file whose triggers may be those of another release. */
export function unwatch(database: Connection): void {
  const others = `SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'changes\\_%' ESCAPE '\\'`
  for (const name of database.prepare<[], string>(others).pluck().all()) database.exec(`DROP TRIGGER ${name}`)
  for (const { sql } of unwatchStatements()) database.exec(sql)
}

export const trimStatement = (upTo: number): Statement => ({
  sql: 'DELETE FROM changes WHERE id <= ?',
  params: [upTo],
})

/** Changes as another process may read them. */
export class SqliteChangeLog implements ChangeLog {
  readonly #database
  readonly #name

  constructor(database: Connection) {
    this.#database = database
    this.#name = database.prepare<[number], string>('SELECT name FROM names WHERE ref = ?').pluck()
  }

  async watching(): Promise<string | undefined> {
    const select = this.#database.prepare<[], string>(`SELECT value FROM marks WHERE name = 'watch'`).pluck()
    return select.get()
  }

  async since(mark: number, limit: number): Promise<{ changes: Change[]; mark: number }> {
    const select = this.#database.prepare<[number, number], { id: number; kind: MovedKind; key: string }>(
      'SELECT id, kind, key FROM changes WHERE id > ? ORDER BY id LIMIT ?',
    )
    const rows = select.all(mark, limit)
    return { changes: rows.flatMap(({ kind, key }) => this.#named(kind, key)), mark: rows.at(-1)?.id ?? mark }
  }

  async head(): Promise<number> {
    const select = this.#database.prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'changes'`).pluck()
    return select.get() ?? 0
  }

  #named(kind: MovedKind, key: string): Change[] {
    switch (written[kind]) {
      case 'name':
        return [{ kind, key }]
      case 'list':
        return (JSON.parse(key) as number[]).map((user) => ({ kind, key: this.#nameOf(user) }))
      case 'numbers': {
        const names = key.split(' ').map((number) => this.#nameOf(Number(number)))
        return [{ kind, key: names.join(' ') }]
      }
    }
  }

  #nameOf(ref: number): string {
    return this.#name.get(ref) ?? ''
  }
}
