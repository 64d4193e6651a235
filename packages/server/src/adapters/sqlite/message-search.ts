import type { MessageSearch, SearchDocument, SearchHit } from '../../messages/message-search.ts'
import { seqsPerConversation } from './documents.ts'
import type { SqliteStore } from './store.ts'

const chunk = 200

/** FTS5 over message texts. */
export class SqliteMessageSearch implements MessageSearch {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async index(documents: readonly SearchDocument[], position: string | undefined): Promise<void> {
    const rows = documents.map(
      ({ conversation, seq, id, text }) =>
        [conversation, seq, id, text ?? null] as [string, number, string, string | null],
    )
    await this.#store.index({ type: 'index', documents: rows, position })
  }

  async position(): Promise<string | undefined> {
    const [row] = await this.#store.readRaw<[string]>(`SELECT value FROM marks WHERE name = 'search'`, [])
    return row?.[0]
  }

  async search(query: string, conversations: readonly string[], limit: number): Promise<SearchHit[]> {
    const match = matchExpression(query)
    if (!match) return []
    const hits: (SearchHit & { id: string })[] = []
    for (let i = 0; i < conversations.length; i += chunk) {
      const some = conversations.slice(i, i + chunk)
      const rows = await this.#store.readRaw<[string, number, string]>(
        `SELECT n.name, d.rowid % ${seqsPerConversation}, d.id FROM documents d
         JOIN names n ON n.ref = d.rowid / ${seqsPerConversation}
         WHERE documents MATCH ? AND n.name IN (${some.map(() => '?').join(', ')}) ORDER BY CAST(d.id AS INTEGER) DESC LIMIT ?`,
        [match, ...some, limit],
      )
      for (const [conversation, seq, id] of rows) hits.push({ conversation, seq, id })
    }
    hits.sort((a, b) => b.id.length - a.id.length || (a.id < b.id ? 1 : -1))
    return hits.slice(0, limit).map(({ conversation, seq }) => ({ conversation, seq }))
  }
}

/** All words, the last one as a prefix; quotes keep FTS5's own syntax out. */
function matchExpression(query: string): string {
  const words = query.match(/[\p{L}\p{N}]+/gu) ?? []
  return words.map((word, index) => (index === words.length - 1 ? `"${word}"*` : `"${word}"`)).join(' ')
}
