import type { MediaReference, MediaReferences } from '../../media/media-references.ts'
import type { SqliteStore } from './store.ts'

export interface ReferenceRow {
  media: string
  by: string
  conversation: string | null
  seq: number | null
  check_at: number | null
}

const insert = `INSERT INTO media_references (media, by, conversation, seq, check_at)
  SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM media WHERE id = ? AND state = 'complete')
  ON CONFLICT DO UPDATE SET`

export class SqliteMediaReferences implements MediaReferences {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async refer({ media, by, conversation, seq, checkAt }: MediaReference & { checkAt: number }): Promise<boolean> {
    const [written] = await this.#store.store([
      {
        // Of NULL and a number `max` makes NULL: a settled one stays settled.
        sql: `${insert} check_at = max(check_at, excluded.check_at)`,
        params: [media, by, conversation ?? null, seq ?? null, checkAt, media],
      },
    ])
    return written?.changes === 1
  }

  async settle({ media, by, conversation, seq }: Omit<MediaReference, 'checkAt'>): Promise<void> {
    await this.#store.store([
      {
        sql: `${insert} seq = excluded.seq, check_at = NULL`,
        params: [media, by, conversation ?? null, seq ?? null, null, media],
      },
    ])
  }

  async drop(media: string, by: string): Promise<void> {
    await this.#store.store([{ sql: 'DELETE FROM media_references WHERE media = ? AND by = ?', params: [media, by] }])
  }

  async doubt(media: string, conversation: string, seq: number, at: number): Promise<void> {
    await this.#store.store([
      {
        sql: 'UPDATE media_references SET check_at = ? WHERE media = ? AND conversation = ? AND seq = ?',
        params: [at, media, conversation, seq],
      },
    ])
  }

  of(media: string, after: string, limit: number): Promise<MediaReference[]> {
    return this.#select('media = ? AND by > ? ORDER BY by', [media, after, limit])
  }

  doubtful(at: number, limit: number): Promise<MediaReference[]> {
    return this.#select('check_at <= ?', [at, limit])
  }

  async #select(where: string, params: (string | number)[]): Promise<MediaReference[]> {
    const rows = await this.#store.read<ReferenceRow>(`SELECT * FROM media_references WHERE ${where} LIMIT ?`, params)
    return rows.map(toReference)
  }
}

export const toReference = ({ media, by, conversation, seq, check_at }: ReferenceRow): MediaReference => ({
  media,
  by,
  conversation: conversation ?? undefined,
  seq: seq ?? undefined,
  checkAt: check_at ?? undefined,
})
