import { field, type MessageField } from './commit-wire.ts'
import type { Connection } from './connection.ts'

export interface StoredSendRow {
  seq: number
  at: number
  low: number
  fingerprint: string
}

/** Messages in their tables, with the rows by which a repeated send is known. Lives in the store thread. */
export class EntryRows {
  readonly #entry
  readonly #send
  readonly #findSend
  readonly #findTime

  constructor(database: Connection) {
    // After a crash the first slices of a move are there already, and may have been emptied since.
    this.#entry = database.prepare(
      `INSERT OR IGNORE INTO entries
         (conversation, seq, at, low, kind, sender, device, client_message_id, messages, own, body)
       VALUES (?, ?, ?, ?, 'message', ?, ?, ?, ?, ?, ?)`,
    )
    this.#send = database.prepare(
      'INSERT OR IGNORE INTO sends (conversation, sender, client_message_id, seq, fingerprint) VALUES (?, ?, ?, ?, ?)',
    )
    this.#findSend = database.prepare<[number, number, string], { seq: number; fingerprint: Buffer }>(
      'SELECT seq, fingerprint FROM sends WHERE conversation = ? AND sender = ? AND client_message_id = ?',
    )
    this.#findTime = database.prepare<[number, number], { at: number; low: number }>(
      'SELECT at, low FROM entries WHERE conversation = ? AND seq = ?',
    )
  }

  /** The message whose fields begin at `start`. */
  insert(conversation: number, seq: number, fields: readonly MessageField[], start: number): void {
    const sender = fields[start + field.sender]
    const key = fields[start + field.key]
    this.#entry.run(
      conversation,
      seq,
      fields[start + field.at],
      fields[start + field.low],
      sender,
      fields[start + field.device],
      key,
      fields[start + field.messages],
      fields[start + field.own],
      fields[start + field.body],
    )
    if (key === null) return
    const fingerprint = Buffer.from(fields[start + field.fingerprint] as string, 'hex')
    this.#send.run(conversation, sender, key, seq, fingerprint)
  }

  findSend(conversation: number, sender: number, key: string): StoredSendRow | undefined {
    const send = this.#findSend.get(conversation, sender, key)
    if (!send) return undefined
    const time = this.#findTime.get(conversation, send.seq)
    if (!time) throw new Error('a send has no entry')
    return { seq: send.seq, ...time, fingerprint: send.fingerprint.toString('hex') }
  }
}
