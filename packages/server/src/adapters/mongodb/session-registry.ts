import { registrationLife, type SessionRegistry } from '../../delivery/session-registry.ts'
import type { Clock } from '../../lib/clock.ts'
import type { MongoConnection } from './connection.ts'
import { MongoNodeRows } from './node-rows.ts'

export class MongoSessionRegistry implements SessionRegistry {
  readonly #rows

  constructor(connection: MongoConnection, clock: Clock, prefix: string) {
    this.#rows = new MongoNodeRows(connection, clock, `${prefix}sessions`, registrationLife)
  }

  open(): Promise<void> {
    return this.#rows.open()
  }

  add(node: string, users: readonly string[]): Promise<void> {
    return this.#rows.set(node, [...new Set(users)])
  }

  remove(node: string, users: readonly string[]): Promise<void> {
    return this.#rows.delete(node, users)
  }

  async nodesOf(users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = await this.#rows.of(users)
    return new Map([...found].map(([user, rows]) => [user, rows.map(({ node }) => node)]))
  }

  dropNode(node: string): Promise<void> {
    return this.#rows.dropNode(node)
  }
}
