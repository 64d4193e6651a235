import type { ReceiptKind, ReceiptNotice, ReceiptStore, Watermark } from '../../messages/receipt-store.ts'
import type { Place } from '../../sync/place.ts'
import { nameStatement } from './projection.ts'
import type { SqliteStore } from './store.ts'

type Row = [user: string, kind: ReceiptKind, upTo: number, at: number]

const ref = '(SELECT ref FROM names WHERE name = ?)'

export class SqliteReceiptStore implements ReceiptStore {
  #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async save(watermarks: readonly Watermark[], notices: readonly ReceiptNotice[]): Promise<Place[]> {
    const positions = await this.#store.put(
      notices.map(({ user, update }) => [user, update]),
      watermarks.flatMap(({ conversation, user, kind, upTo, at }) => [
        nameStatement(conversation),
        nameStatement(user),
        // Within one second a newer watermark takes the place of the one before.
        {
          sql: `DELETE FROM receipts WHERE conversation = ${ref} AND user = ${ref} AND kind = ? AND up_to < ? AND at >= ? AND at < ?`,
          params: [conversation, user, kind, upTo, at - (at % 1000), at - (at % 1000) + 1000],
        },
        {
          sql: `INSERT OR IGNORE INTO receipts (conversation, user, kind, up_to, at)
                SELECT c.ref, u.ref, ?, ?, ? FROM names c, names u WHERE c.name = ? AND u.name = ?
                AND NOT EXISTS (SELECT 1 FROM receipts WHERE conversation = c.ref AND user = u.ref AND kind = ? AND up_to >= ?)`,
          params: [kind, upTo, at, conversation, user, kind, upTo],
        },
      ]),
    )
    return notices.map(({ user }, index) => ({ user, position: String(positions[index]) }))
  }

  async latest(conversation: string): Promise<Watermark[]> {
    const rows = await this.#store.readRaw<Row>(
      `SELECT n.name, r.kind, max(r.up_to), r.at FROM receipts r JOIN names n ON n.ref = r.user
       WHERE r.conversation = ${ref} GROUP BY r.user, r.kind`,
      [conversation],
    )
    return rows.map((row) => toWatermark(conversation, row))
  }

  async firstCovering(conversation: string, seq: number): Promise<Watermark[]> {
    const rows = await this.#store.readRaw<Row>(
      `SELECT n.name, r.kind, min(r.up_to), r.at FROM receipts r JOIN names n ON n.ref = r.user
       WHERE r.conversation = ${ref} AND r.up_to >= ? GROUP BY r.user, r.kind`,
      [conversation, seq],
    )
    return rows.map((row) => toWatermark(conversation, row))
  }

  async covering(conversation: string, users: readonly string[], from: number, to: number): Promise<Watermark[]> {
    const pages = await this.#store.readTogether(
      users.flatMap((user) =>
        (['delivered', 'read'] as const).map((kind) => ({
          sql: `SELECT n.name, r.kind, r.up_to, r.at FROM receipts r JOIN names n ON n.ref = r.user
                WHERE r.conversation = ${ref} AND n.name = ? AND r.kind = ? AND r.up_to >= ?
                AND r.up_to <= coalesce((SELECT min(up_to) FROM receipts b WHERE b.conversation = r.conversation
                  AND b.user = r.user AND b.kind = r.kind AND b.up_to > ?), 9e15) ORDER BY r.up_to`,
          params: [conversation, user, kind, from, to],
        })),
      ),
    )
    return (pages.flat() as Row[]).map((row) => toWatermark(conversation, row))
  }
}

function toWatermark(conversation: string, [user, kind, upTo, at]: Row): Watermark {
  return { conversation, user, kind, upTo, at }
}
