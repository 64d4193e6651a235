import type { UserId } from '@parley/protocol'
import type { BlockStore } from '../../accounts/block-store.ts'
import type { Shards } from './shards.ts'

const add = {
  name: 'block-add',
  // As for devices: an erasure and this wait for each other.
  text: `
WITH owner AS MATERIALIZED (SELECT deleted_at FROM users WHERE id = $1 FOR SHARE)
INSERT INTO blocks (blocker, blocked) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM owner WHERE deleted_at IS NOT NULL)
ON CONFLICT DO NOTHING`,
}
const remove = { name: 'block-remove', text: 'DELETE FROM blocks WHERE blocker = $1 AND blocked = $2' }
const ofUser = { name: 'blocks-of-user', text: 'SELECT blocked FROM blocks WHERE blocker = $1' }

export class PostgresBlockStore implements BlockStore {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async add(blocker: UserId, blocked: UserId): Promise<void> {
    await this.#shards.run(blocker, add, [blocker, blocked])
  }

  async remove(blocker: UserId, blocked: UserId): Promise<void> {
    await this.#shards.run(blocker, remove, [blocker, blocked])
  }

  async of(blocker: UserId): Promise<UserId[]> {
    const rows = await this.#shards.run<{ blocked: UserId }>(blocker, ofUser, [blocker])
    return rows.map(({ blocked }) => blocked)
  }
}
