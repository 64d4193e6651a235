import type { Connection } from './connection.ts'
import type { IndexJob } from './jobs.ts'
import type { Names } from './names.ts'

/** Conversations are numbered, and a document's rowid is this times the conversation's number plus its seq. */
export const seqsPerConversation = 2 ** 31

/** Keeps the search's documents. Lives in the store thread. */
export class Documents {
  readonly #names
  readonly #replace
  readonly #remove
  readonly #mark

  constructor(database: Connection, names: Names) {
    this.#names = names
    this.#replace = database.prepare('INSERT OR REPLACE INTO documents (rowid, text, id) VALUES (?, ?, ?)')
    this.#remove = database.prepare('DELETE FROM documents WHERE rowid = ?')
    this.#mark = database.prepare(`INSERT OR REPLACE INTO marks (name, value) VALUES ('search', ?)`)
  }

  run({ documents, position }: IndexJob): void {
    for (const [conversation, seq, id, text] of documents) {
      const row = BigInt(this.#names.ref(conversation)) * BigInt(seqsPerConversation) + BigInt(seq)
      if (text === null) this.#remove.run(row)
      else this.#replace.run(row, text, id)
    }
    if (position !== undefined) this.#mark.run(position)
  }
}
