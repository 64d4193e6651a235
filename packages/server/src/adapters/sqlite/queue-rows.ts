import type { Connection } from './connection.ts'

/** Writes rows of sync queues; keeps the newest position of each user at hand. Lives in the store thread. */
export class QueueRows {
  #last = new Map<number, number>()
  #findLast
  #insert

  constructor(database: Connection) {
    this.#findLast = database.prepare<[number], number | null>('SELECT max(position) FROM queue WHERE user = ?').pluck()
    this.#insert = database.prepare(
      'INSERT INTO queue (user, position, conversation, first, last, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
  }

  /** @returns the position, dense per user. `seconds`: time for trimming. */
  add(
    user: number,
    conversation: number | null,
    first: number | null,
    last: number | null,
    body: string | null,
    seconds: number,
  ): number {
    const position = (this.#last.get(user) ?? this.#findLast.get(user) ?? 0) + 1
    this.#insert.run(user, position, conversation, first, last, body, seconds)
    if (this.#last.size >= 200_000) this.#last.clear()
    this.#last.set(user, position)
    return position
  }

  forget(): void {
    this.#last.clear()
  }
}
