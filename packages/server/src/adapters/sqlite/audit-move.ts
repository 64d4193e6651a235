import type { AuditEntry } from '@parley/protocol'
import type { KeyPage } from '../../lib/key-page.ts'
import type { AuditExport } from '../../operators/audit-move.ts'
import type { Connection } from './connection.ts'

/** What operators did, as another process may read it while the server goes on. Ids are larger than numbers can be. */
export class SqliteAuditExport implements AuditExport {
  readonly #page
  readonly #entries

  constructor(database: Connection) {
    this.#page = database
      .prepare<[string, number], string>(
        'SELECT CAST(id AS TEXT) FROM audit WHERE id > CAST(? AS INTEGER) ORDER BY id LIMIT ?',
      )
      .pluck()
    this.#entries = database
      .prepare<[string], string>(
        'SELECT entry FROM audit WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))',
      )
      .pluck()
  }

  async pageOfEntries(after: string | undefined, limit: number): Promise<KeyPage> {
    const keys = this.#page.all(after ?? '0', limit)
    return { keys, next: keys.length === limit ? keys.at(-1) : undefined }
  }

  async entries(ids: readonly string[]): Promise<AuditEntry[]> {
    return this.#entries.all(JSON.stringify(ids)).map((entry) => JSON.parse(entry) as AuditEntry)
  }
}
