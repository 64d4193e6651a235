import { field, fieldsPerMessage, type MessageField } from './commit-wire.ts'
import type { Connection } from './connection.ts'

export interface StoredHead {
  seq: number
  at: number
  low: number
  messages: number
  lastMessage: number
  /** Messages by the number of their sender. */
  own: Map<number, number>
}

const remembered = 50_000

/** The ends of logs, known by heart in the store thread; the table follows when messages leave the journal. */
export class Heads {
  #known = new Map<number, StoredHead>()
  readonly #load
  readonly #save

  constructor(database: Connection) {
    this.#load = database.prepare<
      [number],
      { seq: number; at: number; low: number; messages: number; last_message: number; own: string }
    >('SELECT seq, at, low, messages, last_message, own FROM heads WHERE conversation = ?')
    this.#save = database.prepare(
      'INSERT OR REPLACE INTO heads (conversation, seq, at, low, messages, last_message, own) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
  }

  of(conversation: number): StoredHead {
    const known = this.#known.get(conversation)
    if (known) return known
    const row = this.#load.get(conversation)
    const head = row
      ? { ...row, lastMessage: row.last_message, own: new Map<number, number>(JSON.parse(row.own)) }
      : { seq: 0, at: 0, low: 0, messages: 0, lastMessage: 0, own: new Map<number, number>() }
    this.#known.set(conversation, head)
    return head
  }

  /** Takes in messages from the seq `first` on, those that it has aside. */
  extend(conversation: number, first: number, fields: readonly MessageField[]): void {
    const head = this.of(conversation)
    for (let start = 0, seq = first; start < fields.length; start += fieldsPerMessage, seq++) {
      if (seq <= head.seq) continue
      head.seq = seq
      head.at = fields[start + field.at] as number
      head.low = fields[start + field.low] as number
      head.messages = fields[start + field.messages] as number
      head.lastMessage = seq
      head.own.set(fields[start + field.sender] as number, fields[start + field.own] as number)
    }
  }

  save(conversation: number): void {
    const { seq, at, low, messages, lastMessage, own } = this.of(conversation)
    this.#save.run(conversation, seq, at, low, messages, lastMessage, JSON.stringify([...own]))
  }

  /** Forgets what the table tells as well; `kept`: conversations of which it does not. */
  trim(kept: (conversation: number) => boolean): void {
    if (this.#known.size < remembered) return
    for (const conversation of this.#known.keys()) if (!kept(conversation)) this.#known.delete(conversation)
  }

  /** After a rollback what is known may be ahead of the file. */
  forget(): void {
    this.#known.clear()
  }
}
