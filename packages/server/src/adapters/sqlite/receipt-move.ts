import type { KeyPage } from '../../lib/key-page.ts'
import type { ReceiptExport } from '../../messages/receipt-move.ts'
import type { ReceiptKind, Watermark } from '../../messages/receipt-store.ts'
import type { Connection } from './connection.ts'
import { pageBy } from './pages.ts'

interface Row {
  up_to: number
  at: number
}

const kinds: readonly ReceiptKind[] = ['delivered', 'read']

/** Receipts as another process may read them while the server goes on. */
export class SqliteReceiptExport implements ReceiptExport {
  readonly #page
  readonly #newest
  readonly #history

  constructor(database: Connection) {
    this.#page = pageBy(
      database,
      `SELECT c.conversation AS at, n.name FROM conversations c JOIN names n ON n.ref = c.conversation
       WHERE c.conversation > ? ORDER BY c.conversation LIMIT ?`,
    )
    const ref = database.prepare<[string], number>('SELECT ref FROM names WHERE name = ?').pluck()
    const members = database.prepare<[number], { user: number; name: string }>(
      'SELECT m.user, n.name FROM members m JOIN names n ON n.ref = m.user WHERE m.conversation = ?',
    )
    const newest = database.prepare<[number, number, string], Row>(
      `SELECT up_to, at FROM receipts WHERE conversation = ? AND user = ? AND kind = ? ORDER BY up_to DESC LIMIT 1`,
    )
    this.#newest = database.transaction((conversation: string): Watermark[] => {
      const number = ref.get(conversation) ?? 0
      return members.all(number).flatMap(({ user, name }) =>
        kinds.flatMap((kind) => {
          const row = newest.get(number, user, kind)
          return row ? { conversation, user: name, kind, upTo: row.up_to, at: row.at } : []
        }),
      )
    })
    this.#history = database.prepare<[string, string, string, number, number], Row>(
      `SELECT up_to, at FROM receipts
       WHERE conversation = (SELECT ref FROM names WHERE name = ?) AND user = (SELECT ref FROM names WHERE name = ?)
         AND kind = ? AND up_to >= ? ORDER BY up_to LIMIT ?`,
    )
  }

  async pageOfConversations(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#page(after, limit)
  }

  async newest(conversation: string): Promise<Watermark[]> {
    return this.#newest(conversation)
  }

  async history(
    { conversation, user, kind }: Pick<Watermark, 'conversation' | 'user' | 'kind'>,
    from: number,
    limit: number,
  ): Promise<Watermark[]> {
    const rows = this.#history.all(conversation, user, kind, from, limit)
    return rows.map(({ up_to: upTo, at }) => ({ conversation, user, kind, upTo, at }))
  }
}
