import type { MessageField } from './commit-wire.ts'
import { eachMessage, type JournalRecord } from './journal-record.ts'

/** Where records go from the journal. */
export interface JournalTables {
  message(conversation: number, seq: number, fields: readonly MessageField[], start: number): void
  head(conversation: number): void
  queueRow(user: number, position: number, record: JournalRecord): void
}

/** Records with a row for one user, and its position beside each. */
export interface UserRows {
  records: JournalRecord[]
  positions: number[]
}

/** What waits in the journal, by where it goes. */
export interface Waiting {
  messages: ReadonlyMap<number, readonly JournalRecord[]>
  rows: ReadonlyMap<number, UserRows>
}

const inOrder = (keys: Iterable<number>): Float64Array => Float64Array.from(keys).sort()

/**
 * Records on their way from the journal to the tables, conversation by conversation and then user by user, so that what
 * lies on one page is written together.
 */
export class JournalMove {
  readonly size: number
  readonly #tables
  readonly #waiting
  readonly #conversations
  readonly #users
  /** Of the next one in each, and of what of it is next. */
  #conversation = 0
  #user = 0
  #next = 0

  /** `size`: messages and rows in all. */
  constructor(waiting: Waiting, size: number, tables: JournalTables) {
    this.size = size
    this.#tables = tables
    this.#waiting = waiting
    this.#conversations = inOrder(waiting.messages.keys())
    this.#users = inOrder(waiting.rows.keys())
  }

  get isDone(): boolean {
    return this.#conversation === this.#conversations.length && this.#user === this.#users.length
  }

  /** Moves so many messages and rows more, or a few more than that. */
  advance(count: number): void {
    let left = count
    while (left > 0 && this.#conversation < this.#conversations.length) left -= this.#moveRecord()
    while (left > 0 && this.#user < this.#users.length) left -= this.#moveRow()
  }

  #moveRecord(): number {
    const conversation = this.#conversations[this.#conversation] as number
    const records = this.#waiting.messages.get(conversation) as readonly JournalRecord[]
    const record = records[this.#next++] as JournalRecord
    let moved = 0
    eachMessage(record, (seq, start) => {
      this.#tables.message(conversation, seq, record.fields as readonly MessageField[], start)
      moved++
    })
    if (this.#next === records.length) {
      this.#tables.head(conversation)
      this.#conversation++
      this.#next = 0
    }
    return moved
  }

  #moveRow(): number {
    const user = this.#users[this.#user] as number
    const { records, positions } = this.#waiting.rows.get(user) as UserRows
    this.#tables.queueRow(user, positions[this.#next] as number, records[this.#next] as JournalRecord)
    if (++this.#next === records.length) {
      this.#user++
      this.#next = 0
    }
    return 1
  }
}
