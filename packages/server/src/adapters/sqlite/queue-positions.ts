import type { Connection } from './connection.ts'

interface Placed {
  users: readonly number[]
  positions: readonly number[]
}

const remembered = 200_000

/** The newest position of each user's queue, as far as known. Lives in the store thread. */
export class QueuePositions {
  #newest = new Map<number, number>()
  readonly #find

  constructor(database: Connection) {
    this.#find = database.prepare<[number], number | null>('SELECT max(position) FROM queue WHERE user = ?').pluck()
  }

  next(user: number): number {
    const position = (this.#newest.get(user) ?? this.#find.get(user) ?? 0) + 1
    this.#newest.set(user, position)
    return position
  }

  note({ users, positions }: Placed): void {
    for (let index = 0; index < users.length; index++) {
      this.#newest.set(users[index] as number, positions[index] as number)
    }
  }

  /** Forgets all but what the table does not tell. */
  trim(waiting: readonly Placed[]): void {
    if (this.#newest.size < remembered) return
    this.forget()
    for (const placed of waiting) this.note(placed)
  }

  forget(): void {
    this.#newest.clear()
  }
}
