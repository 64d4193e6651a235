import { NodeStatuses } from '../../presence/node-statuses.ts'
import type { PresenceStore } from '../../presence/presence-store.ts'

export class MemoryPresenceStore extends NodeStatuses implements PresenceStore {
  readonly #times = new Map<string, number>()

  async saveLastOnline(times: readonly { user: string; at: number }[]): Promise<void> {
    for (const { user, at } of times) this.#times.set(user, Math.max(at, this.#times.get(user) ?? 0))
  }

  async lastOnline(users: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const known = new Map<string, number>()
    for (const user of users) {
      const at = this.#times.get(user)
      if (at !== undefined) known.set(user, at)
    }
    return known
  }
}
