import type { AuditEntry } from '@parley/protocol'
import type { OperatorRecords } from '../../operators/operator-records.ts'
import type { SqliteStore } from './store.ts'

/** Ids are below 2^63: as integers they are in order of the time. */
export class SqliteOperatorRecords implements OperatorRecords {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async offer(hash: string, until: number): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO operator_offers (hash, until) VALUES (?, ?)'
    await this.#store.store([{ sql, params: [hash, until] }])
  }

  async take(hash: string, at: number): Promise<boolean> {
    const outcome = await this.#store.write([
      { sql: 'DELETE FROM operator_offers WHERE hash = ? AND until > ?', params: [hash, at], expect: 1 },
      { sql: 'DELETE FROM operator_offers', params: [] },
    ])
    return outcome.stored
  }

  async note(entry: AuditEntry): Promise<void> {
    const sql = 'INSERT OR REPLACE INTO audit (id, entry) VALUES (CAST(? AS INTEGER), ?)'
    await this.#store.store([{ sql, params: [entry.id, JSON.stringify(entry)] }])
  }

  async find(ids: readonly string[]): Promise<AuditEntry[]> {
    const sql = 'SELECT entry FROM audit WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))'
    const rows = await this.#store.readRaw<[string]>(sql, [JSON.stringify(ids)])
    return rows.map(([entry]) => JSON.parse(entry) as AuditEntry)
  }

  async entries(before: string | undefined, limit: number): Promise<AuditEntry[]> {
    const rows = await this.#store.readRaw<[string]>(
      'SELECT entry FROM audit WHERE id < CAST(? AS INTEGER) ORDER BY id DESC LIMIT ?',
      [before ?? '9223372036854775807', limit],
    )
    return rows.map(([entry]) => JSON.parse(entry) as AuditEntry)
  }
}
