import type { DeviceId, UserId } from '@parley/protocol'
import type { RevocationReason } from '../../accounts/revocation-log.ts'
import type { Run } from './database.ts'
import type { Shards } from './shards.ts'

export interface Token {
  token_hash: string
  user_id: UserId
  device_id: DeviceId
}

const put = {
  name: 'tokens-put',
  text: `
INSERT INTO tokens (token_hash, user_id, device_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS given (token_hash, user_id, device_id) ORDER BY 1
ON CONFLICT (token_hash) DO UPDATE SET user_id = excluded.user_id, device_id = excluded.device_id`,
}
const remove = { name: 'tokens-remove', text: 'DELETE FROM tokens WHERE token_hash = ANY($1::text[])' }
const revoke = {
  name: 'devices-revoke',
  text: `
WITH gone AS (
  DELETE FROM devices WHERE user_id = $1 AND ($2::text[] IS NULL OR id = ANY($2)) RETURNING id, token_hash
), noted AS (
  INSERT INTO revocations (user_id, device_id, token_hash, reason) SELECT $1, id, token_hash, $3 FROM gone
)
SELECT token_hash FROM gone`,
}

/**
 * Hashes of tokens, each in the shard of itself: they say in which shard the device is. The device's own row decides
 * whether it is there, so a hash that is left over, when a node dies between the two, is worth nothing.
 */
export class Tokens {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  async put(tokens: readonly Token[]): Promise<void> {
    for (const [{ database }, some] of this.#shards.group(tokens, ({ token_hash: hash }) => hash)) {
      const columns = (['token_hash', 'user_id', 'device_id'] as const).map((name) => some.map((token) => token[name]))
      await database.run(put, columns)
    }
  }

  /** Removes devices of a user, undefined: all, and notes them as revoked. @returns their hashes, for `forget` */
  async revoke(
    run: Run,
    user: UserId,
    devices: readonly DeviceId[] | undefined,
    reason: RevocationReason,
  ): Promise<string[]> {
    const rows = await run<{ token_hash: string }>(revoke, [user, devices ?? null, reason])
    return rows.map(({ token_hash: hash }) => hash)
  }

  /** Never rejects: they are worth nothing already. */
  async forget(hashes: readonly string[]): Promise<void> {
    const groups = this.#shards.group(hashes, (hash) => hash)
    await Promise.allSettled(groups.map(([{ database }, some]) => database.run(remove, [some])))
  }
}
