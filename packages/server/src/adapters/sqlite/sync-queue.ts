import type { Place, QueuePosition } from '../../sync/place.ts'
import type { DeviceCursor, QueuePage, QueueRow, SyncQueue } from '../../sync/sync-queue.ts'
import { namesStatement } from './projection.ts'
import type { QueueColumns } from './recent.ts'
import type { SqliteStore } from './store.ts'

const ref = '(SELECT ref FROM names WHERE name = ?)'

/** Positions are 1, 2, 3… per user without holes, so a cursor that is handed the next one has missed nothing. */
export class SqliteSyncQueue implements SyncQueue {
  readonly late = undefined
  #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async read(user: string, after: QueuePosition, limit: number): Promise<QueuePage | undefined> {
    const start = Number(after)
    // Looked at first: what is moved while the read is under way is found by the read.
    const recent = this.#store.recent.behind(user, start)
    const stored = await this.#store.readRaw<QueueColumns>(
      `SELECT q.position, n.name, q.first, q.last, q.body FROM queue q LEFT JOIN names n ON n.ref = q.conversation
       WHERE q.user = ${ref} AND q.position > ? ORDER BY q.position LIMIT ?`,
      [user, start, limit],
    )
    const newest = stored.at(-1)?.[0] ?? start
    const all = stored.length < limit ? [...stored, ...recent.filter(([position]) => position > newest)] : stored
    const rows = all.slice(0, limit)
    const first = rows[0]
    if (first && first[0] > start + 1) return undefined
    const last = rows.at(-1)
    return { rows: rows.map(toQueueRow), next: last ? String(last[0]) : after, complete: all.length < limit }
  }

  async head(user: string): Promise<QueuePosition> {
    const recent = this.#store.recent.newest(user)
    const [row] = await this.#store.readRaw<[number | null]>(`SELECT max(position) FROM queue WHERE user = ${ref}`, [
      user,
    ])
    return String(Math.max(row?.[0] ?? 0, recent))
  }

  async put(updates: readonly { user: string; update: string }[]): Promise<Place[]> {
    if (updates.length === 0) return []
    const positions = await this.#store.put(updates.map(({ user, update }) => [user, update]))
    return updates.map(({ user }, index) => ({ user, position: String(positions[index]) }))
  }

  follows(position: QueuePosition, place: QueuePosition): boolean {
    return Number(position) + 1 === Number(place)
  }

  compare(a: QueuePosition, b: QueuePosition): number {
    return Number(a) - Number(b)
  }

  isPosition(text: string): boolean {
    return /^\d{1,15}$/.test(text)
  }

  async saveCursors(cursors: readonly DeviceCursor[]): Promise<void> {
    const names = new Set(cursors.flatMap(({ device, user }) => [device, user]))
    const rows = cursors.map(({ device, user, position, lastSeenMessageId }) => [
      device,
      user,
      Number(position),
      lastSeenMessageId ?? null,
    ])
    await this.#store.store([
      namesStatement([...names]),
      {
        sql: `INSERT INTO cursors (device, user, position, last_seen_message_id)
              SELECT d.ref, u.ref, j.value ->> 2, j.value ->> 3 FROM json_each(?) j
              CROSS JOIN names d ON d.name = j.value ->> 0 CROSS JOIN names u ON u.name = j.value ->> 1 WHERE true
              ON CONFLICT DO UPDATE SET position = excluded.position,
                last_seen_message_id = coalesce(excluded.last_seen_message_id, last_seen_message_id)
              WHERE excluded.position >= position`,
        params: [JSON.stringify(rows)],
      },
    ])
  }

  async cursors(user: string): Promise<DeviceCursor[]> {
    const rows = await this.#store.readRaw<[string, number, string | null]>(
      `SELECT d.name, c.position, c.last_seen_message_id FROM cursors c JOIN names d ON d.ref = c.device WHERE c.user = ${ref}`,
      [user],
    )
    return rows.map(([device, position, last]) => ({
      device,
      user,
      position: String(position),
      lastSeenMessageId: last ?? undefined,
    }))
  }

  async removeCursor(_user: string, device: string): Promise<void> {
    await this.#store.store([{ sql: `DELETE FROM cursors WHERE device = ${ref}`, params: [device] }])
  }

  async trim(before: number, limit: number): Promise<number> {
    const seconds = Math.floor(before / 1000)
    // The newest row of a user stays: it is what the next position follows.
    const [result] = await this.#store.store([
      {
        sql: `DELETE FROM queue WHERE (user, position) IN (
                SELECT q.user, q.position FROM queue q WHERE q.at < ?
                AND q.position < (SELECT max(position) FROM queue l WHERE l.user = q.user) LIMIT ?)`,
        params: [seconds, limit],
      },
    ])
    return result?.changes ?? 0
  }
}

function toQueueRow([position, conversation, from, to, body]: QueueColumns): QueueRow {
  return {
    position: String(position),
    before: String(position - 1),
    pointer: conversation === null ? { kind: 'update', update: body } : { kind: 'entries', conversation, from, to },
  }
}
