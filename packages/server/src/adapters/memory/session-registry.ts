import { registrationLife, type SessionRegistry } from '../../delivery/session-registry.ts'
import type { Clock } from '../../lib/clock.ts'
import { NodeRows } from '../../lib/node-rows.ts'

export class MemorySessionRegistry implements SessionRegistry {
  readonly #clock
  readonly #rows = new NodeRows<true>(registrationLife)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Registrations in memory. */
  get size(): number {
    return this.#rows.size
  }

  async add(node: string, users: readonly string[]): Promise<void> {
    const now = this.#clock.now()
    for (const user of users) this.#rows.set(node, user, true, now)
  }

  async remove(node: string, users: readonly string[]): Promise<void> {
    for (const user of users) this.#rows.delete(node, user)
  }

  async nodesOf(users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const now = this.#clock.now()
    const found = new Map<string, readonly string[]>()
    for (const user of users) {
      const nodes = this.#rows.of(user, now).map(({ node }) => node)
      if (nodes.length > 0) found.set(user, nodes)
    }
    return found
  }

  async dropNode(node: string): Promise<void> {
    this.#rows.dropNode(node)
  }
}
