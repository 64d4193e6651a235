import type { Connection } from './connection.ts'

/** One row of each of `users`' queues, at the position beside each. */
interface PlacedRow {
  /** In `queue_journal`. */
  id: number
  conversation: number | null
  first: number | null
  last: number | null
  body: string | null
  /** Time for trimming. */
  seconds: number
  users: readonly number[]
  positions: readonly number[]
}

/** A move begins when so many rows wait, or a second after the one before. */
const moveRows = 4096
const moveSeconds = 1
/** A move is cut into about so many slices, each part of a commit that happens anyway: no commit waits long for it. */
const slices = 16
const sliceRows = 64

/** What a commit did to the journal. */
export interface JournalMove {
  /** What lies in the journal now, and nothing after it, is on its way to `queue`. */
  begun: boolean
  /** What was on its way is in `queue`, and no more in the journal. */
  done: boolean
}

interface MovingRow {
  user: number
  position: number
  row: PlacedRow
}

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
  /** On their way to `queue`, by user and position; what lies before `#movedRows` is there. */
  #moving: MovingRow[] = []
  #movedRows = 0
  #movingUpTo = 0
  #begunAt = 0
  #placedNow = 0
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
        id: number
        conversation: number | null
        first: number | null
        last: number | null
        body: string | null
        at: number
        places: string
      }
    >('SELECT id, conversation, first, last, body, at, places FROM queue_journal ORDER BY id')
    this.#emptyJournal = database.prepare('DELETE FROM queue_journal WHERE id <= ?')
    // After a crash the first slices of a move are there already.
    this.#insert = database.prepare(
      'INSERT OR IGNORE INTO queue (user, position, conversation, first, last, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
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
    const places = JSON.stringify([users, positions])
    const { lastInsertRowid } = this.#journal.run(conversation, first, last, body, seconds, places)
    this.#pending.push({ ...row, id: Number(lastInsertRowid), users, positions })
    this.#pendingRows += users.length
    this.#placedNow += users.length
    return positions
  }

  /** Called once in each commit, when all its rows are placed. */
  moveSome(seconds: number): JournalMove {
    const placed = this.#placedNow
    this.#placedNow = 0
    const begun = this.#moving.length === 0 && this.#isDue(seconds)
    if (begun) {
      this.#begin()
      this.#begunAt = seconds
    }
    if (this.#moving.length === 0) return { begun, done: false }
    // More than what came meanwhile, so that it ends.
    this.#move(Math.max(sliceRows, Math.ceil(this.#moving.length / slices), 2 * placed))
    return { begun, done: this.#moving.length === 0 }
  }

  /** Leaves the journal empty. */
  moveAll(): void {
    while (this.#moving.length > 0 || this.#pendingRows > 0) {
      if (this.#moving.length === 0) this.#begin()
      this.#move(this.#moving.length)
    }
  }

  #isDue(seconds: number): boolean {
    if (this.#pendingRows === 0) return false
    return this.#pendingRows >= moveRows || seconds - this.#begunAt >= moveSeconds
  }

  #begin(): void {
    const last = this.#pending.at(-1) as PlacedRow
    this.#moving = this.#pending.flatMap((row) =>
      row.users.map((user, index) => ({ user, position: row.positions[index] as number, row })),
    )
    this.#moving.sort((a, b) => a.user - b.user || a.position - b.position)
    this.#movedRows = 0
    this.#movingUpTo = last.id
    this.#pending = []
    this.#pendingRows = 0
  }

  #move(rows: number): void {
    const end = Math.min(this.#moving.length, this.#movedRows + rows)
    for (let index = this.#movedRows; index < end; index++) {
      const { user, position, row } = this.#moving[index] as MovingRow
      this.#insert.run(user, position, row.conversation, row.first, row.last, row.body, row.seconds)
    }
    this.#movedRows = end
    if (end < this.#moving.length) return
    this.#emptyJournal.run(this.#movingUpTo)
    this.#moving = []
    if (this.#newest.size >= 200_000) this.#forgetNewest()
  }

  /** All but what `queue` does not tell. */
  #forgetNewest(): void {
    this.#newest.clear()
    for (const row of this.#pending) this.#noteNewest(row)
  }

  #noteNewest({ users, positions }: PlacedRow): void {
    for (const [index, user] of users.entries()) this.#newest.set(user, positions[index] as number)
  }

  /** Knows again only what is stored: at the start, and after a rollback. */
  reload(): void {
    this.#pending = []
    this.#pendingRows = 0
    this.#placedNow = 0
    this.#moving = []
    for (const { places, at, ...row } of this.#readJournal.all()) {
      const [users, positions] = JSON.parse(places) as [number[], number[]]
      this.#pending.push({ ...row, seconds: at, users, positions })
      this.#pendingRows += users.length
    }
    this.#forgetNewest()
  }
}
