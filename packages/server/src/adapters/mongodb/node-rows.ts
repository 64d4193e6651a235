import type { Clock } from '../../lib/clock.ts'
import { Turns } from '../../lib/turns.ts'
import type { MongoConnection, NodeDocument } from './connection.ts'
import type { Db } from './driver.ts'

const partSize = 500
/** Writes that wait for those before them; more are refused. */
const writesWaiting = 1000

/**
 * What nodes say about users: a document each. Every write is of single documents, and repeating it is harmless. Too old
 * ones are not believed, and swept.
 */
export class MongoNodeRows {
  readonly #connection
  readonly #clock
  readonly #name
  readonly #life
  /** The driver has several connections: writes that are under way together could overtake each other. */
  readonly #writing = new Turns(1, writesWaiting)
  #hasIndexes = false

  constructor(connection: MongoConnection, clock: Clock, name: string, life: number) {
    this.#connection = connection
    this.#clock = clock
    this.#name = name
    this.#life = life
  }

  async open(): Promise<void> {
    await this.#connection.keepUp(async () => {
      await this.#index()
      await this.#connection.run((db) => this.#in(db).deleteMany({ at: { $lte: this.#oldest() } }))
    })
  }

  set(node: string, users: readonly string[], status?: string): Promise<void> {
    const fields = { at: Math.round(this.#clock.now()), ...(status === undefined ? {} : { status }) }
    return this.#write(users, async (db, part) => {
      const documents = this.#in(db)
      const ids = part.map((user) => idOf(user, node))
      const { matchedCount } = await documents.updateMany({ _id: { $in: ids } }, { $set: fields })
      if (matchedCount === ids.length) return
      const rows = part.map((user) => ({ _id: idOf(user, node), user, node, ...fields }))
      await documents.insertMany(rows, { ordered: false }).catch(unlessThere)
    })
  }

  delete(node: string, users: readonly string[]): Promise<void> {
    return this.#write(users, (db, part) =>
      this.#in(db).deleteMany({ _id: { $in: part.map((user) => idOf(user, node)) } }),
    )
  }

  dropNode(node: string): Promise<void> {
    return this.#writing.take(async () => {
      await this.#connection.run((db) => this.#in(db).deleteMany({ node }))
    })
  }

  async of(users: readonly string[]): Promise<ReadonlyMap<string, readonly NodeDocument[]>> {
    const found = new Map<string, NodeDocument[]>()
    for (let start = 0; start < users.length; start += partSize) {
      const part = users.slice(start, start + partSize)
      const filter = { user: { $in: part }, at: { $gt: this.#oldest() } }
      const documents = await this.#connection.run((db) => this.#in(db).find(filter, { batchSize: 10_000 }).toArray())
      for (const document of documents) {
        const rows = found.get(document.user)
        if (rows) rows.push(document)
        else found.set(document.user, [document])
      }
    }
    return found
  }

  #write(users: readonly string[], write: (db: Db, part: string[]) => Promise<unknown>): Promise<void> {
    return this.#writing.take(async () => {
      for (let start = 0; start < users.length; start += partSize) {
        await this.#connection.run((db) => write(db, users.slice(start, start + partSize)))
      }
    })
  }

  async #index(): Promise<void> {
    if (this.#hasIndexes) return
    const keys = ['user', 'node', 'at'].map((field) => ({ key: { [field]: 1 } }))
    await this.#connection.run((db) => this.#in(db).createIndexes(keys))
    this.#hasIndexes = true
  }

  #in(db: Db) {
    return db.collection<NodeDocument>(this.#name)
  }

  #oldest(): number {
    return this.#clock.now() - this.#life
  }
}

const idOf = (user: string, node: string): string => `${user} ${node}`

const duplicate = 11000

/** Inserting goes on behind those that are there already. */
function unlessThere(error: unknown): void {
  const { writeErrors, code } = error as { writeErrors?: { code?: unknown } | { code?: unknown }[]; code?: unknown }
  const errors = writeErrors === undefined ? [{ code }] : [writeErrors].flat()
  if (errors.some((one) => one.code !== duplicate)) throw error
}
