import type { UserId } from '@parley/protocol'
import type { BlockStore } from '../../accounts/block-store.ts'
import type { SqliteStore } from './store.ts'

export class SqliteBlockStore implements BlockStore {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async add(blocker: UserId, blocked: UserId): Promise<void> {
    await this.#store.store([
      {
        sql: `INSERT OR IGNORE INTO blocks (blocker, blocked)
              SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = ? AND deleted_at IS NOT NULL)`,
        params: [blocker, blocked, blocker],
      },
    ])
  }

  async remove(blocker: UserId, blocked: UserId): Promise<void> {
    await this.#store.store([
      { sql: 'DELETE FROM blocks WHERE blocker = ? AND blocked = ?', params: [blocker, blocked] },
    ])
  }

  async of(blocker: UserId): Promise<UserId[]> {
    const rows = await this.#store.readRaw<[string]>('SELECT blocked FROM blocks WHERE blocker = ?', [blocker])
    return rows.map(([blocked]) => blocked)
  }
}
