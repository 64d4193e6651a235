import type { Connection } from './connection.ts'

/** The small numbers that stand for long ids (table `names`). Lives in the store thread. */
export class Names {
  #known = new Map<string, number>()
  #find
  #insert

  constructor(database: Connection) {
    this.#find = database.prepare<[string], number>('SELECT ref FROM names WHERE name = ?').pluck()
    this.#insert = database.prepare<[string], number>('INSERT INTO names (name) VALUES (?) RETURNING ref').pluck()
  }

  /** The number of `name`, given one now if it has none. */
  ref(name: string): number {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const ref = (this.#find.get(name) ?? this.#insert.get(name)) as number
    if (this.#known.size >= 200_000) this.#known.clear()
    this.#known.set(name, ref)
    return ref
  }

  /** After a rollback, numbers that were just given are not stored. */
  forget(): void {
    this.#known.clear()
  }
}
