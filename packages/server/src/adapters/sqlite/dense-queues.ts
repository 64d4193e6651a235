import type { Connection } from './connection.ts'
import { parseRecords } from './journal-record.ts'

/** A row of a queue by the numbers of names. */
export interface DenseRow {
  position: number
  conversation: number | null
  first: number | null
  last: number | null
  body: string | null
  /** Seconds. */
  at: number
}

/** Queues as they are in the file: what lies in the journal belongs to their ends. Used inside a transaction. */
export class DenseQueues {
  readonly #rows
  readonly #newest
  readonly #journal

  constructor(database: Connection) {
    this.#rows = database.prepare<[number, number, number], DenseRow>(
      `SELECT position, conversation, first, last, body, at FROM queue WHERE user = ? AND position > ?
       ORDER BY position LIMIT ?`,
    )
    this.#newest = database.prepare<[number], number | null>('SELECT max(position) FROM queue WHERE user = ?').pluck()
    this.#journal = database.prepare<[], string>('SELECT records FROM journal ORDER BY id').pluck()
  }

  /** Those of these users that wait in the journal, ascending by position. */
  waiting(users: ReadonlySet<number>): Map<number, DenseRow[]> {
    const found = new Map<number, DenseRow[]>()
    for (const records of this.#journal.iterate()) {
      for (const record of parseRecords(records)) {
        const { conversation, first, last, body, seconds: at } = record
        for (const [index, user] of record.users.entries()) {
          if (!users.has(user)) continue
          const own = found.get(user)
          const dense = { position: record.positions[index] as number, conversation, first, last, body, at }
          if (own) own.push(dense)
          else found.set(user, [dense])
        }
      }
    }
    return found
  }

  /** Rows behind `after`; `waiting`: those of the user in the journal, part of which may have been moved. */
  behind(user: number, after: number, limit: number, waiting: readonly DenseRow[]): DenseRow[] {
    const rows = this.#rows.all(user, after, limit)
    const newest = rows.at(-1)?.position ?? after
    if (rows.length < limit) rows.push(...waiting.filter(({ position }) => position > newest))
    return rows.slice(0, limit)
  }

  head(user: number, waiting: readonly DenseRow[]): number {
    return Math.max(this.#newest.get(user) ?? 0, waiting.at(-1)?.position ?? 0)
  }
}
