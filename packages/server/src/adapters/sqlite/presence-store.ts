import type { Clock } from '../../lib/clock.ts'
import { NodeStatuses } from '../../presence/node-statuses.ts'
import type { PresenceStore } from '../../presence/presence-store.ts'
import type { SqliteStore } from './store.ts'

/** One process writes the file, so who is connected is known in memory. */
export class SqlitePresenceStore extends NodeStatuses implements PresenceStore {
  readonly #store

  constructor(store: SqliteStore, clock: Clock) {
    super(clock)
    this.#store = store
  }

  async saveLastOnline(times: readonly { user: string; at: number }[]): Promise<void> {
    await this.#store.store(
      times.map(({ user, at }) => ({
        sql: `INSERT INTO presence (user, last_online) VALUES (?, ?)
              ON CONFLICT DO UPDATE SET last_online = max(last_online, excluded.last_online)`,
        params: [user, at],
      })),
    )
  }

  async lastOnline(users: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#store.readRaw<[string, number]>(
      'SELECT user, last_online FROM presence WHERE user IN (SELECT value FROM json_each(?))',
      [JSON.stringify(users)],
    )
    return new Map(rows)
  }
}
