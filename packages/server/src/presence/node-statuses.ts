import type { UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { NodeRows } from '../lib/node-rows.ts'
import { type NodeStatus, type PresenceStore, statusLife } from './presence-store.ts'

/** What nodes say of their users, where nothing of it need outlive the process. */
export class NodeStatuses implements Pick<PresenceStore, 'saveStatus' | 'statusOf' | 'dropNode'> {
  readonly #clock
  readonly #rows = new NodeRows<NodeStatus['status']>(statusLife)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async saveStatus(
    node: string,
    statuses: readonly { user: UserId; status: NodeStatus['status'] | 'offline' }[],
  ): Promise<void> {
    const now = this.#clock.now()
    for (const { user, status } of statuses) {
      if (status === 'offline') this.#rows.delete(node, user)
      else this.#rows.set(node, user, status, now)
    }
  }

  async statusOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly NodeStatus[]>> {
    const now = this.#clock.now()
    const found = new Map<UserId, readonly NodeStatus[]>()
    for (const user of users) {
      const statuses = this.#rows.of(user, now).map(({ node, value, at }) => ({ node, status: value, at }))
      if (statuses.length > 0) found.set(user, statuses)
    }
    return found
  }

  async dropNode(node: string): Promise<void> {
    this.#rows.dropNode(node)
  }
}
