import type { Connection } from './connection.ts'
import { EntryRows, type StoredSendRow } from './entry-rows.ts'
import type { Heads } from './heads.ts'
import type { JournalMove as Moved } from './jobs.ts'
import { Generation } from './journal-generation.ts'
import { JournalMove, type JournalTables } from './journal-move.ts'
import { eachMessage, formatRecords, type JournalRecord, parseRecords } from './journal-record.ts'
import { type JournalLimits, usualJournal } from './limits.ts'
import { QueuePositions } from './queue-positions.ts'

/**
 * Messages and rows of queues as they come: all of one commit are one row of `journal`, one page instead of one for each
 * conversation and each member. In bulk they are moved to their tables, where those of a conversation, and of a user,
 * lie together. Lives in the store thread.
 */
export class Journal {
  readonly #limits
  readonly #heads
  readonly #entries
  readonly #positions
  readonly #tables: JournalTables
  readonly #insert
  readonly #readAll
  readonly #empty
  #pending = new Generation()
  #moving = new Generation()
  #move: JournalMove | undefined
  /** Of this commit, not in the table yet. */
  #fresh: JournalRecord[] = []
  #lastId = 0
  #movingUpTo = 0
  #begunAt = 0

  constructor(database: Connection, heads: Heads, limits: JournalLimits = usualJournal) {
    this.#limits = limits
    this.#heads = heads
    const entries = new EntryRows(database)
    this.#entries = entries
    this.#positions = new QueuePositions(database)
    this.#insert = database.prepare('INSERT INTO journal (records) VALUES (?)')
    this.#readAll = database.prepare<[], { id: number; records: string }>('SELECT id, records FROM journal ORDER BY id')
    this.#empty = database.prepare('DELETE FROM journal WHERE id <= ?')
    // After a crash the first slices of a move are there already.
    const queueRow = database.prepare(
      'INSERT OR IGNORE INTO queue (user, position, conversation, first, last, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#tables = {
      message: (conversation, seq, fields, start) => entries.insert(conversation, seq, fields, start),
      head: (conversation) => heads.save(conversation),
      queueRow: (user, position, { conversation, first, last, body, seconds }) => {
        queueRow.run(user, position, conversation, first, last, body, seconds)
      },
    }
    this.reload()
  }

  /** @returns the position of each user's row, dense per user */
  place(record: Omit<JournalRecord, 'positions'>): readonly number[] {
    const positions = record.users.map((user) => this.#positions.next(user))
    const placed = { ...record, positions }
    this.#fresh.push(placed)
    this.#pending.add(placed)
    return positions
  }

  findSend(conversation: number, sender: number, key: string): StoredSendRow | undefined {
    const name = `${conversation} ${sender} ${key}`
    return (
      this.#pending.sends.get(name) ?? this.#moving.sends.get(name) ?? this.#entries.findSend(conversation, sender, key)
    )
  }

  /** Messages of this conversation are in their tables from here on, until others are placed. */
  settle(conversation: number): void {
    for (const generation of [this.#moving, this.#pending]) {
      for (const record of generation.settle(conversation)) {
        eachMessage(record, (seq, start) => this.#tables.message(conversation, seq, record.fields ?? [], start))
        this.#heads.save(conversation)
      }
    }
  }

  /** Called once in each commit, when all is placed. */
  commit(seconds: number): Moved {
    const placed = this.#fresh.reduce((sum, { users }) => sum + users.length, 0)
    this.#write()
    const begun = this.#move === undefined && this.#isDue(seconds)
    if (begun) this.#begin(seconds)
    const move = this.#move
    if (!move) return { begun, done: false }
    const { slices, slice } = this.#limits
    // More than what came meanwhile, so that it ends.
    move.advance(Math.max(slice, Math.ceil(move.size / slices), 3 * placed))
    return { begun, done: this.#endIfDone(move) }
  }

  /** Leaves the journal empty. */
  moveAll(): void {
    this.#write()
    for (;;) {
      if (this.#pending.records.length > 0 && !this.#move) this.#begin(this.#begunAt)
      const move = this.#move
      if (!move) return
      move.advance(move.size)
      this.#endIfDone(move)
    }
  }

  /** Knows again only what is stored: at the start, and after a rollback. */
  reload(): void {
    this.#fresh = []
    this.#pending = new Generation()
    this.#moving = new Generation()
    this.#move = undefined
    this.#heads.forget()
    this.#positions.forget()
    for (const { id, records } of this.#readAll.all()) {
      this.#lastId = id
      for (const record of parseRecords(records)) {
        this.#pending.add(record)
        this.#positions.note(record)
        const { conversation, first, fields } = record
        if (fields && conversation !== null && first !== null) this.#heads.extend(conversation, first, fields)
      }
    }
  }

  #isDue(seconds: number): boolean {
    const { rowCount, records } = this.#pending
    if (records.length === 0) return false
    return rowCount >= this.#limits.rows || seconds - this.#begunAt >= this.#limits.seconds
  }

  #write(): void {
    if (this.#fresh.length === 0) return
    const { lastInsertRowid } = this.#insert.run(formatRecords(this.#fresh))
    this.#lastId = Number(lastInsertRowid)
    this.#fresh = []
  }

  #begin(seconds: number): void {
    this.#begunAt = seconds
    this.#moving = this.#pending
    this.#pending = new Generation()
    this.#movingUpTo = this.#lastId
    this.#move = new JournalMove(this.#moving, this.#moving.size, this.#tables)
  }

  #endIfDone(move: JournalMove): boolean {
    if (!move.isDone) return false
    this.#empty.run(this.#movingUpTo)
    this.#moving = new Generation()
    this.#move = undefined
    this.#positions.trim(this.#pending.records)
    this.#heads.trim((conversation) => this.#pending.messages.has(conversation))
    return true
  }
}
