import type { Connection } from './connection.ts'

/** One row of each of `users`' queues, at the position beside each. */
interface PlacedRow {
  conversation: number | null
  first: number | null
  last: number | null
  body: string | null
  /** Time for trimming. */
  seconds: number
  users: readonly number[]
  positions: readonly number[]
}

const moveRows = 4096
const moveSeconds = 1

/**
 * Writes rows of sync queues. What is placed together is one row of `queue_journal`, durable with the entries; in bulk it
 * is moved to `queue`, where each user's rows lie together: a commit touches one page instead of one for each member.
 * Lives in the store thread.
 */
export class QueueRows {
  /** Newest position of each user, as far as known. */
  #newest = new Map<number, number>()
  #pending: PlacedRow[] = []
  #pendingRows = 0
  #movedAt = 0
  readonly #findNewest
  readonly #journal
  readonly #readJournal
  readonly #emptyJournal
  readonly #insert

  constructor(database: Connection) {
    this.#findNewest = database
      .prepare<[number], number | null>('SELECT max(position) FROM queue WHERE user = ?')
      .pluck()
    this.#journal = database.prepare(
      'INSERT INTO queue_journal (conversation, first, last, body, at, places) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#readJournal = database.prepare<
      [],
      {
        conversation: number | null
        first: number | null
        last: number | null
        body: string | null
        at: number
        places: string
      }
    >('SELECT conversation, first, last, body, at, places FROM queue_journal ORDER BY id')
    this.#emptyJournal = database.prepare('DELETE FROM queue_journal')
    this.#insert = database.prepare(
      'INSERT INTO queue (user, position, conversation, first, last, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.reload()
  }

  /** @returns the position of each user's row, dense per user. */
  place(
    users: readonly number[],
    row: {
      conversation: number | null
      first: number | null
      last: number | null
      body: string | null
      seconds: number
    },
  ): number[] {
    const positions: number[] = []
    for (const user of users) {
      const position = (this.#newest.get(user) ?? this.#findNewest.get(user) ?? 0) + 1
      this.#newest.set(user, position)
      positions.push(position)
    }
    const { conversation, first, last, body, seconds } = row
    this.#journal.run(conversation, first, last, body, seconds, JSON.stringify([users, positions]))
    this.#pending.push({ ...row, users, positions })
    this.#pendingRows += users.length
    return positions
  }

  /** Moves the journal to `queue` when it is time. @returns true when it did; it is empty then */
  moveWhenDue(seconds: number): boolean {
    if (this.#pendingRows === 0) return false
    if (this.#pendingRows < moveRows && seconds - this.#movedAt < moveSeconds) return false
    this.move()
    this.#movedAt = seconds
    return true
  }

  move(): void {
    const rows = this.#pending.flatMap((row) =>
      row.users.map((user, index) => ({ user, position: row.positions[index] as number, row })),
    )
    rows.sort((a, b) => a.user - b.user || a.position - b.position)
    for (const { user, position, row } of rows) {
      this.#insert.run(user, position, row.conversation, row.first, row.last, row.body, row.seconds)
    }
    this.#emptyJournal.run()
    this.#pending = []
    this.#pendingRows = 0
    if (this.#newest.size >= 200_000) this.#newest.clear()
  }

  /** Knows again only what is stored: at the start, and after a rollback. */
  reload(): void {
    this.#newest.clear()
    this.#pending = []
    this.#pendingRows = 0
    for (const { places, at, ...row } of this.#readJournal.all()) {
      const [users, positions] = JSON.parse(places) as [number[], number[]]
      this.#pending.push({ ...row, seconds: at, users, positions })
      this.#pendingRows += users.length
      for (const [index, user] of users.entries()) this.#newest.set(user, positions[index] as number)
    }
  }
}
