import type { Readable } from 'node:stream'
import type { KeyPage } from '../../lib/key-page.ts'
import type { MediaExport, MovedMedia } from '../../media/media-move.ts'
import type { Connection } from './connection.ts'
import { type MediaRow, toRecord } from './media-catalogue.ts'
import { type ReferenceRow, toReference } from './media-references.ts'

/** Media as another process may read them while the server goes on. */
export class SqliteMediaExport implements MediaExport {
  readonly bytes
  readonly #page
  readonly #read

  constructor(database: Connection, bytes: (key: string) => Promise<Readable>) {
    this.bytes = bytes
    const page = database
      .prepare<[string, number], string>('SELECT id FROM media WHERE id > ? ORDER BY id LIMIT ?')
      .pluck()
    this.#page = (after: string, limit: number) => page.all(after, limit)
    const rows = database.prepare<[string], MediaRow & { complete_at: number | null }>(
      `SELECT * FROM media WHERE id IN (SELECT value FROM json_each(?)) AND state <> 'leaving'`,
    )
    const references = database.prepare<[string], ReferenceRow>(
      'SELECT * FROM media_references WHERE media = ? ORDER BY by',
    )
    this.#read = database.transaction((ids: readonly string[]): MovedMedia[] =>
      rows.all(JSON.stringify(ids)).map((row) => ({
        record: toRecord(row),
        completeAt: row.complete_at ?? 0,
        references: references.all(row.id).map(toReference),
      })),
    )
  }

  async pageOfMedia(after: string | undefined, limit: number): Promise<KeyPage> {
    const keys = this.#page(after ?? '', limit)
    return { keys, next: keys.length === limit ? keys.at(-1) : undefined }
  }

  async media(ids: readonly string[]): Promise<MovedMedia[]> {
    return this.#read(ids)
  }
}
