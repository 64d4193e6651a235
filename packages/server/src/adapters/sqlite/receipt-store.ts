import type { ReceiptKind, ReceiptNotice, ReceiptStore, Watermark } from '../../messages/receipt-store.ts'
import type { Place } from '../../sync/place.ts'
import { namesStatement } from './projection.ts'
import type { SqliteStore } from './store.ts'

type Row = [user: string, kind: ReceiptKind, upTo: number, at: number]

const ref = '(SELECT ref FROM names WHERE name = ?)'

/** Watermarks of a JSON list of [conversation, user, kind, up_to, at], each with the newest row of its member. */
const given = `
  SELECT c, u, k, up_to, at,
    (SELECT max(r.up_to) FROM receipts r WHERE r.conversation = c AND r.user = u AND r.kind = k) AS newest
  FROM (SELECT c.ref AS c, u.ref AS u, j.value ->> 2 AS k, j.value ->> 3 AS up_to, j.value ->> 4 AS at
    FROM json_each(?) j CROSS JOIN names c ON c.name = j.value ->> 0 CROSS JOIN names u ON u.name = j.value ->> 1)`
/** Within one second a newer watermark takes the place of the one before; also of one that is said to be later. */
const makeRoom = `
  DELETE FROM receipts WHERE (conversation, user, kind, up_to) IN (
    SELECT c, u, k, newest FROM (${given}) g WHERE newest < up_to
    AND (SELECT r.at FROM receipts r WHERE r.conversation = c AND r.user = u AND r.kind = k AND r.up_to = newest)
      >= at - at % 1000)`
const insert = `
  INSERT INTO receipts (conversation, user, kind, up_to, at)
  SELECT c, u, k, up_to, at FROM (${given}) WHERE newest IS NULL OR newest < up_to`

export class SqliteReceiptStore implements ReceiptStore {
  #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async save(watermarks: readonly Watermark[], notices: readonly ReceiptNotice[]): Promise<Place[]> {
    const names = new Set(watermarks.flatMap(({ conversation, user }) => [conversation, user]))
    const moves = rounds(watermarks).flatMap((round) => {
      const rows = round.map(({ conversation, user, kind, upTo, at }) => [conversation, user, kind, upTo, at])
      const params = [JSON.stringify(rows)]
      return [
        { sql: makeRoom, params },
        { sql: insert, params },
      ]
    })
    const positions = await this.#store.put(
      notices.map(({ user, update }) => [user, update]),
      [namesStatement([...names]), ...moves],
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

/** One statement takes each member and kind once: those that come again have a round of their own. */
function rounds(watermarks: readonly Watermark[]): Watermark[][] {
  const all: Map<string, Watermark>[] = []
  for (const watermark of watermarks) {
    const key = `${watermark.conversation} ${watermark.user} ${watermark.kind}`
    const round = all.find((one) => !one.has(key)) ?? new Map<string, Watermark>()
    if (round.size === 0) all.push(round)
    round.set(key, watermark)
  }
  return all.map((round) => [...round.values()])
}

function toWatermark(conversation: string, [user, kind, upTo, at]: Row): Watermark {
  return { conversation, user, kind, upTo, at }
}
