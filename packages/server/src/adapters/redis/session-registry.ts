import { registrationLife, type SessionRegistry } from '../../delivery/session-registry.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RedisConnection } from './connection.ts'
import { RedisNodeRows } from './node-rows.ts'

export class RedisSessionRegistry implements SessionRegistry {
  readonly #rows

  constructor(connection: RedisConnection, clock: Clock, prefix: string) {
    this.#rows = new RedisNodeRows(connection, clock, `${prefix}sessions`, registrationLife)
  }

  add(node: string, users: readonly string[]): Promise<void> {
    return this.#rows.set(
      node,
      users.map((name) => ({ name, value: '+' })),
    )
  }

  remove(node: string, users: readonly string[]): Promise<void> {
    return this.#rows.set(
      node,
      users.map((name) => ({ name, value: '' })),
    )
  }

  async nodesOf(users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = await this.#rows.of(users)
    return new Map([...found].map(([user, rows]) => [user, rows.map(({ node }) => node)]))
  }

  dropNode(node: string): Promise<void> {
    return this.#rows.dropNode(node)
  }
}
