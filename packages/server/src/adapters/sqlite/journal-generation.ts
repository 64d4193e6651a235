import { field } from './commit-wire.ts'
import type { StoredSendRow } from './entry-rows.ts'
import type { UserRows } from './journal-move.ts'
import { eachMessage, type JournalRecord } from './journal-record.ts'

/** Records that wait in the journal, by where they go, and what has to be known of them until they are there. */
export class Generation {
  readonly records: JournalRecord[] = []
  readonly sends = new Map<string, StoredSendRow>()
  readonly messages = new Map<number, JournalRecord[]>()
  readonly rows = new Map<number, UserRows>()
  rowCount = 0
  #messageCount = 0
  /** Conversations whose messages are in their tables already. */
  #settled = new Map<number, number>()

  /** Messages and rows. */
  get size(): number {
    return this.rowCount + this.#messageCount
  }

  add(record: JournalRecord): void {
    this.records.push(record)
    this.#addRows(record)
    const { conversation, fields } = record
    if (!fields || conversation === null) return
    const known = this.messages.get(conversation)
    if (known) known.push(record)
    else this.messages.set(conversation, [record])
    eachMessage(record, (seq, start) => {
      this.#messageCount++
      const key = fields[start + field.key]
      if (key === null) return
      this.sends.set(`${conversation} ${fields[start + field.sender]} ${key}`, {
        seq,
        at: fields[start + field.at] as number,
        low: fields[start + field.low] as number,
        fingerprint: fields[start + field.fingerprint] as string,
      })
    })
  }

  /** @returns the records whose messages have to be moved now; that they are moved in their turn too does no harm */
  settle(conversation: number): readonly JournalRecord[] {
    const records = this.messages.get(conversation) ?? []
    const before = this.#settled.get(conversation) ?? 0
    if (records.length > before) this.#settled.set(conversation, records.length)
    return records.slice(before)
  }

  #addRows(record: JournalRecord): void {
    const { users, positions } = record
    this.rowCount += users.length
    for (let index = 0; index < users.length; index++) {
      const user = users[index] as number
      const position = positions[index] as number
      const known = this.rows.get(user)
      if (known) {
        known.records.push(record)
        known.positions.push(position)
      } else this.rows.set(user, { records: [record], positions: [position] })
    }
  }
}
