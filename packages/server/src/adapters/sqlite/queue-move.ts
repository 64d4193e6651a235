import type { KeyPage } from '../../lib/key-page.ts'
import type { QueuePosition } from '../../sync/place.ts'
import type { MovedQueue, MovedRow, QueueExport } from '../../sync/queue-move.ts'
import type { DeviceCursor } from '../../sync/sync-queue.ts'
import type { Connection } from './connection.ts'
import { DenseQueues, type DenseRow } from './dense-queues.ts'

/** Queues as another process may read them while the server goes on. */
export class SqliteQueueExport implements QueueExport {
  readonly #page
  readonly #queues
  readonly #cursors

  constructor(database: Connection) {
    const page = database
      .prepare<[string, number], string>('SELECT id FROM users WHERE id > ? ORDER BY id LIMIT ?')
      .pluck()
    this.#page = (after: string, limit: number) => page.all(after, limit)
    const ref = database.prepare<[string], number>('SELECT ref FROM names WHERE name = ?').pluck()
    const name = database.prepare<[number], string>('SELECT name FROM names WHERE ref = ?').pluck()
    const dense = new DenseQueues(database)
    this.#queues = database.transaction(
      (from: readonly { user: string; after: QueuePosition }[], limit: number): MovedQueue[] => {
        const users = from.map((one) => ({ ...one, ref: ref.get(one.user) ?? 0 }))
        const journal = dense.waiting(new Set(users.map((one) => one.ref)))
        return users.map(({ user, after, ref: number }) => {
          const waiting = journal.get(number) ?? []
          const rows = dense.behind(number, Number(after), limit, waiting)
          return {
            user,
            rows: rows.map((row) => movedRow(row, (conversation) => name.get(conversation) ?? '')),
            head: String(dense.head(number, waiting)),
          }
        })
      },
    )
    const cursors = database.prepare<[string], { device: string; position: number; last: string | null }>(
      `SELECT d.name AS device, c.position, c.last_seen_message_id AS last FROM cursors c
       JOIN names d ON d.ref = c.device WHERE c.user = (SELECT ref FROM names WHERE name = ?) ORDER BY d.name`,
    )
    this.#cursors = database.transaction((names: readonly string[]): DeviceCursor[] =>
      names.flatMap((user) =>
        cursors.all(user).map(({ device, position, last }) => ({
          device,
          user,
          position: String(position),
          lastSeenMessageId: last ?? undefined,
        })),
      ),
    )
  }

  /** Every user has a queue, be it that nothing was ever placed on it. */
  async pageOfUsers(after: string | undefined, limit: number): Promise<KeyPage> {
    const keys = this.#page(after ?? '', limit)
    return { keys, next: keys.length === limit ? keys.at(-1) : undefined }
  }

  async queues(from: readonly { user: string; after: QueuePosition }[], limit: number): Promise<MovedQueue[]> {
    return this.#queues(from, limit)
  }

  async cursors(users: readonly string[]): Promise<DeviceCursor[]> {
    return this.#cursors(users)
  }
}

function movedRow(
  { position, conversation, first, last, body, at }: DenseRow,
  name: (ref: number) => string,
): MovedRow {
  return {
    position: String(position),
    pointer:
      conversation === null
        ? { kind: 'update', update: body ?? '' }
        : { kind: 'entries', conversation: name(conversation), from: first ?? 0, to: last ?? 0 },
    at: at * 1000,
  }
}
