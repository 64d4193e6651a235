import type { KeyPage } from '../../lib/key-page.ts'
import type { Connection } from './connection.ts'

/** A page of names that a table holds by their numbers. `sql`: selects number and name behind a number, `limit` of them. */
export function pageBy(database: Connection, sql: string): (after: string | undefined, limit: number) => KeyPage {
  const select = database.prepare<[number | string, number], { at: number | string; name: string }>(sql)
  return (after, limit) => {
    const rows = select.all(after === undefined ? 0 : Number(after), limit)
    const last = rows.at(-1)
    return { keys: rows.map(({ name }) => name), next: last && rows.length === limit ? String(last.at) : undefined }
  }
}
