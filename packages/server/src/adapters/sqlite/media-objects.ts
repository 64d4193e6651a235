import type { MediaObjects, StoredObject, Tier, TierTotal } from '../../media/media-objects.ts'
import type { SqliteStore } from './store.ts'

interface ObjectRow {
  key: string
  size: number
  tier: Tier
  read_at: number
}

const columns = 'key, size, tier, read_at'

export class SqliteMediaObjects implements MediaObjects {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async claim({ key, size }: { key: string; size: number }, media: string, at: number): Promise<boolean> {
    const outcome = await this.#store.write([
      {
        sql: `INSERT INTO media_objects (key, size, tier, read_at, uses, doomed) VALUES (?, ?, 'hot', ?, 0, 0)
              ON CONFLICT DO UPDATE SET read_at = max(read_at, excluded.read_at) WHERE doomed = 0`,
        params: [key, size, at],
        expect: 1,
      },
      { sql: 'INSERT OR IGNORE INTO media_uses (media, key) VALUES (?, ?)', params: [media, key] },
    ])
    return outcome.stored
  }

  async release(media: string): Promise<void> {
    await this.#store.store([{ sql: 'DELETE FROM media_uses WHERE media = ?', params: [media] }])
  }

  async find(key: string): Promise<StoredObject | undefined> {
    const [row] = await this.#store.read<ObjectRow>(`SELECT ${columns} FROM media_objects WHERE key = ?`, [key])
    return row && toObject(row)
  }

  async unused(limit: number): Promise<StoredObject[]> {
    const [doomed] = await this.#store.store([
      {
        sql: `UPDATE media_objects SET doomed = 1
              WHERE key IN (SELECT key FROM media_objects WHERE uses = 0 LIMIT ?) RETURNING ${columns}`,
        params: [limit],
      },
    ])
    return (doomed?.rows ?? []).map((row) => toObject(row as ObjectRow))
  }

  async remove(key: string): Promise<void> {
    await this.#store.store([{ sql: 'DELETE FROM media_objects WHERE key = ? AND doomed = 1', params: [key] }])
  }

  async noteReads(reads: readonly { key: string; at: number }[]): Promise<void> {
    if (reads.length === 0) return
    await this.#store.store(
      reads.map(({ key, at }) => ({
        sql: 'UPDATE media_objects SET read_at = max(read_at, ?) WHERE key = ?',
        params: [at, key],
      })),
    )
  }

  async setTier(key: string, tier: Tier): Promise<void> {
    await this.#store.store([{ sql: 'UPDATE media_objects SET tier = ? WHERE key = ?', params: [tier, key] }])
  }

  totals(): Promise<TierTotal[]> {
    const sql = 'SELECT tier, sum(size) AS bytes, count(*) AS objects FROM media_objects GROUP BY tier'
    return this.#store.read<TierTotal>(sql, [])
  }

  async unread(before: number, after: string, limit: number): Promise<(StoredObject & { media: string[] })[]> {
    const rows = await this.#store.read<ObjectRow & { media: string }>(
      `SELECT ${columns}, (SELECT json_group_array(u.media) FROM media_uses u WHERE u.key = o.key) AS media
       FROM media_objects o WHERE key > ? AND tier = 'hot' AND read_at < ? AND uses > 0 ORDER BY key LIMIT ?`,
      [after, before, limit],
    )
    return rows.map((row) => ({ ...toObject(row), media: JSON.parse(row.media) as string[] }))
  }
}

const toObject = ({ key, size, tier, read_at }: ObjectRow): StoredObject => ({ key, size, tier, readAt: read_at })
