import type { Clock } from '../../lib/clock.ts'
import { type NodeStatus, type PresenceStore, statusLife } from '../../presence/presence-store.ts'
import type { LastOnlineDocument, MongoConnection } from './connection.ts'
import type { Db } from './driver.ts'
import { MongoNodeRows } from './node-rows.ts'

const partSize = 100

export class MongoPresenceStore implements PresenceStore {
  readonly #connection
  readonly #name
  readonly #rows

  constructor(connection: MongoConnection, clock: Clock, prefix: string) {
    this.#connection = connection
    this.#name = `${prefix}last_online`
    this.#rows = new MongoNodeRows(connection, clock, `${prefix}presence`, statusLife)
  }

  open(): Promise<void> {
    return this.#rows.open()
  }

  async saveLastOnline(times: readonly { user: string; at: number }[]): Promise<void> {
    for (let start = 0; start < times.length; start += partSize) {
      const updates = times.slice(start, start + partSize).map(({ user, at }) => ({
        updateOne: { filter: { _id: user }, update: { $max: { at } }, upsert: true },
      }))
      await this.#connection.run((db) => this.#times(db).bulkWrite(updates, { ordered: false }))
    }
  }

  async lastOnline(users: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (users.length === 0) return new Map()
    const filter = { _id: { $in: [...users] } }
    const found = await this.#connection.run((db) => this.#times(db).find(filter, { batchSize: 10_000 }).toArray())
    return new Map(found.map(({ _id, at }) => [_id, at]))
  }

  /** The parts are begun in this turn, so that they keep their place among the calls of this node. */
  async saveStatus(
    node: string,
    statuses: readonly { user: string; status: NodeStatus['status'] | 'offline' }[],
  ): Promise<void> {
    // The last word about a user counts, and only that is written: so the parts touch different documents.
    const last = [...new Map(statuses.map(({ user, status }) => [user, status]))]
    const those = (wanted: string): string[] => last.filter(([, status]) => status === wanted).map(([user]) => user)
    await Promise.all([
      this.#rows.set(node, those('online'), 'online'),
      this.#rows.set(node, those('away'), 'away'),
      this.#rows.delete(node, those('offline')),
    ])
  }

  async statusOf(users: readonly string[]): Promise<ReadonlyMap<string, readonly NodeStatus[]>> {
    const found = await this.#rows.of(users)
    const statusOf = (status: string | undefined): NodeStatus['status'] => (status === 'away' ? 'away' : 'online')
    return new Map(
      [...found].map(([user, rows]) => [
        user,
        rows.map(({ node, status, at }) => ({ node, status: statusOf(status), at })),
      ]),
    )
  }

  dropNode(node: string): Promise<void> {
    return this.#rows.dropNode(node)
  }

  #times(db: Db) {
    return db.collection<LastOnlineDocument>(this.#name)
  }
}
