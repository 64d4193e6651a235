import type { MediaCatalogue } from '../../media/media-catalogue.ts'
import type { AnnouncedMedia, MediaFacts, MediaRecord } from '../../media/media-record.ts'
import type { SqliteStore } from './store.ts'

export interface MediaRow {
  id: string
  owner: string
  size: number
  type: string
  sha256: string
  name: string | null
  created_at: number
  state: MediaRecord['state']
  facts: string | null
}

const unreferred = 'NOT EXISTS (SELECT 1 FROM media_references r WHERE r.media = media.id)'

export class SqliteMediaCatalogue implements MediaCatalogue {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async create({ id, owner, size, type, sha256, name, createdAt }: AnnouncedMedia, quota: number): Promise<boolean> {
    const [inserted] = await this.#store.store([
      {
        sql: `INSERT INTO media (id, owner, size, type, sha256, name, created_at, state)
              SELECT ?, ?, ?, ?, ?, ?, ?, 'uploading'
              WHERE ? <= ? - coalesce((SELECT sum(size) FROM media WHERE owner = ?), 0)
              ON CONFLICT DO NOTHING`,
        params: [id, owner, size, type, sha256, name ?? null, createdAt, size, quota, owner],
      },
    ])
    return inserted?.changes === 1 || (await this.find(id)) !== undefined
  }

  async find(id: string): Promise<MediaRecord | undefined> {
    const [row] = await this.#store.read<MediaRow>('SELECT * FROM media WHERE id = ?', [id])
    return row && toRecord(row)
  }

  async complete(id: string, facts: MediaFacts, at: number): Promise<boolean> {
    const [changed] = await this.#store.store([
      {
        sql: `UPDATE media SET state = 'complete', facts = coalesce(facts, ?), complete_at = coalesce(complete_at, ?)
              WHERE id = ? AND state <> 'leaving'`,
        params: [JSON.stringify(facts), at, id],
      },
    ])
    return changed?.changes === 1
  }

  async condemn(id: string): Promise<boolean> {
    const [changed] = await this.#store.store([
      { sql: `UPDATE media SET state = 'leaving' WHERE id = ? AND ${unreferred}`, params: [id] },
    ])
    return changed?.changes === 1
  }

  async forget(id: string): Promise<void> {
    await this.#store.store([{ sql: `DELETE FROM media WHERE id = ? AND state = 'leaving'`, params: [id] }])
  }

  async deserted(before: { unfinished: number; unreferenced: number }, limit: number): Promise<MediaRecord[]> {
    const rows = await this.#store.read<MediaRow>(
      `SELECT * FROM (
         SELECT * FROM media WHERE state = 'leaving' UNION ALL
         SELECT * FROM media WHERE state = 'uploading' AND created_at < ? UNION ALL
         SELECT * FROM media WHERE state = 'complete' AND complete_at < ? AND ${unreferred}
       ) LIMIT ?`,
      [before.unfinished, before.unreferenced, limit],
    )
    return rows.map(toRecord)
  }

  async usage(owner: string): Promise<{ bytes: number; count: number }> {
    const sql = 'SELECT coalesce(sum(size), 0) AS bytes, count(*) AS count FROM media WHERE owner = ?'
    const [row] = await this.#store.read<{ bytes: number; count: number }>(sql, [owner])
    return row ?? { bytes: 0, count: 0 }
  }
}

export function toRecord({ id, owner, size, type, sha256, name, created_at, state, facts }: MediaRow): MediaRecord {
  const announced = { id, owner, size, type, sha256, name: name ?? undefined, createdAt: created_at }
  const known = facts === null ? undefined : (JSON.parse(facts) as MediaFacts)
  if (state === 'complete' && known) return { ...announced, state, facts: known }
  if (state === 'leaving') return { ...announced, state, ...(known && { facts: known }) }
  return { ...announced, state: 'uploading' }
}
