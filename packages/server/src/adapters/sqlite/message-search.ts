import type { MessageSearch, SearchDocument, SearchHit } from '../../messages/message-search.ts'
import type { Statement } from './database.ts'
import { nameStatement } from './projection.ts'
import type { SqliteStore } from './store.ts'

const ref = '(SELECT ref FROM names WHERE name = ?)'
const chunk = 200

/** FTS5 over message texts; `document_rows` finds a message's document when it changes. */
export class SqliteMessageSearch implements MessageSearch {
  #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async index(documents: readonly SearchDocument[], position: string): Promise<void> {
    await this.#store.store([
      ...documents.flatMap(documentStatements),
      { sql: `INSERT OR REPLACE INTO marks (name, value) VALUES ('search', ?)`, params: [position] },
    ])
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
        `SELECT n.name, d.seq, d.id FROM documents d JOIN names n ON n.ref = d.conversation
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

function documentStatements({ conversation, seq, id, text }: SearchDocument): Statement[] {
  const remove: Statement[] = [
    {
      sql: `DELETE FROM documents WHERE rowid = (SELECT row FROM document_rows WHERE conversation = ${ref} AND seq = ?)`,
      params: [conversation, seq],
    },
    { sql: `DELETE FROM document_rows WHERE conversation = ${ref} AND seq = ?`, params: [conversation, seq] },
  ]
  if (text === undefined) return remove
  return [
    nameStatement(conversation),
    ...remove,
    {
      sql: `INSERT INTO documents (text, conversation, seq, id) VALUES (?, ${ref}, ?, ?)`,
      params: [text, conversation, seq, id],
    },
    {
      sql: `INSERT INTO document_rows (conversation, seq, row) VALUES (${ref}, ?, last_insert_rowid())`,
      params: [conversation, seq],
    },
  ]
}
