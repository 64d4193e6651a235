import Database from 'better-sqlite3'

/** What a message leaves behind, flat, so that a batch crosses threads as one array. */
export const columnsPerMessage = 10
export type MessageColumns = [
  conversation: number,
  seq: number,
  id: number,
  sender: number,
  clientMessageId: string,
  sentAt: number,
  body: string,
  senderPos: number,
  receiver: number,
  receiverPos: number,
]

/**
 * The rows of one one-to-one message and nothing else: the message, one unique index for the dedupe, two queue rows;
 * a batch is one transaction, durable when it returns (WAL, synchronous=FULL).
 */
export class RowStore {
  readonly #database: Database.Database
  readonly #batch: (flat: readonly (number | string)[]) => void

  constructor(file: string) {
    const database = new Database(file)
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('cache_size = -65536')
    database.pragma('wal_autocheckpoint = 16000')
    database.exec(`
      CREATE TABLE IF NOT EXISTS message(
        conversation INTEGER, seq INTEGER, id INTEGER, sender INTEGER, client_message_id TEXT, sent_at INTEGER, body TEXT,
        PRIMARY KEY (conversation, seq)) WITHOUT ROWID;
      CREATE UNIQUE INDEX IF NOT EXISTS dedupe ON message(conversation, sender, client_message_id);
      CREATE TABLE IF NOT EXISTS queue(
        user INTEGER, pos INTEGER, conversation INTEGER, seq INTEGER, PRIMARY KEY (user, pos)) WITHOUT ROWID;`)
    const message = database.prepare('INSERT INTO message VALUES (?,?,?,?,?,?,?)')
    const queue = database.prepare('INSERT INTO queue VALUES (?,?,?,?)')
    this.#batch = database.transaction((flat: readonly (number | string)[]) => {
      for (let at = 0; at < flat.length; at += columnsPerMessage) {
        const conversation = flat[at]
        const seq = flat[at + 1]
        const sender = flat[at + 3]
        message.run(conversation, seq, flat[at + 2], sender, flat[at + 4], flat[at + 5], flat[at + 6])
        queue.run(sender, flat[at + 7], conversation, seq)
        queue.run(flat[at + 8], flat[at + 9], conversation, seq)
      }
    })
    this.#database = database
  }

  store(flat: readonly (number | string)[]): void {
    this.#batch(flat)
  }

  close(): void {
    this.#database.close()
  }
}
