import type { UserId } from '@parley/protocol'
import type { Shards } from './shards.ts'

/** Milliseconds after which a name whose account never came may be taken by another. */
const reservedFor = 3_600_000

interface Reservation {
  user_id: UserId
  settled: boolean
  age: number
}

const reserve = {
  name: 'username-reserve',
  text: `
INSERT INTO usernames (username, user_id) VALUES ($1, $2)
ON CONFLICT (username) DO UPDATE SET reserved_at =
  CASE WHEN usernames.user_id = excluded.user_id THEN now() ELSE usernames.reserved_at END
RETURNING user_id, settled, (extract(epoch FROM now() - reserved_at) * 1000)::float8 AS age`,
}
const reserveAll = {
  name: 'username-reserve-all',
  text: `
INSERT INTO usernames (username, user_id)
SELECT username, user_id FROM unnest($1::text[], $2::text[]) AS given (username, user_id) ORDER BY username
ON CONFLICT (username) DO NOTHING`,
}
const owners = {
  name: 'username-owners',
  text: 'SELECT username, user_id, settled FROM usernames WHERE username = ANY($1::text[])',
}
const settle = {
  name: 'username-settle',
  text: `
UPDATE usernames SET settled = true FROM unnest($1::text[], $2::text[]) AS given (username, user_id)
WHERE usernames.username = given.username AND usernames.user_id = given.user_id
RETURNING usernames.username`,
}
const takeOver = {
  name: 'username-take-over',
  text: `
UPDATE usernames SET user_id = $3, reserved_at = now()
WHERE username = $1 AND user_id = $2 AND NOT settled
RETURNING username`,
}
const exists = { name: 'user-exists', text: 'SELECT 1 FROM users WHERE id = $1' }

/**
 * Usernames, each in the shard of its hash. A name is reserved before the account is stored and settled behind it, so
 * that a node that dies in between blocks the name for an hour, and no two accounts ever have one name.
 */
export class Usernames {
  readonly #shards

  constructor(shards: Shards) {
    this.#shards = shards
  }

  /** `settled`: the account was stored before. */
  async reserve(username: string, user: UserId): Promise<'reserved' | 'settled' | 'taken'> {
    const [found] = await this.#shards.run<Reservation>(username, reserve, [username, user])
    if (!found) throw new Error('a reservation has no answer')
    if (found.user_id === user) return found.settled ? 'settled' : 'reserved'
    if (found.settled || found.age < reservedFor) return 'taken'
    const owner = found.user_id
    const [account] = await this.#shards.run(owner, exists, [owner])
    if (account) {
      await this.settle([{ username, user: owner }])
      return 'taken'
    }
    // Whoever reserved it may only be slow: then settling it will fail there.
    const taken = await this.#shards.run(username, takeOver, [username, owner, user])
    return taken.length > 0 ? 'reserved' : 'taken'
  }

  /** For names that nobody waits for. @returns whose each is now, and whether for good */
  async reserveAll(
    wanted: readonly { username: string; user: UserId }[],
  ): Promise<Map<string, { user: UserId; settled: boolean }>> {
    const found = new Map<string, { user: UserId; settled: boolean }>()
    for (const [{ database }, some] of this.#shards.group(wanted, ({ username }) => username)) {
      const names = some.map(({ username }) => username)
      await database.run(reserveAll, [names, some.map(({ user }) => user)])
      const rows = await database.run<{ username: string; user_id: UserId; settled: boolean }>(owners, [names])
      for (const { username, user_id: user, settled } of rows) found.set(username, { user, settled })
    }
    return found
  }

  /** The accounts are stored. @returns the names that are theirs still */
  async settle(given: readonly { username: string; user: UserId }[]): Promise<Set<string>> {
    const settled = new Set<string>()
    for (const [{ database }, some] of this.#shards.group(given, ({ username }) => username)) {
      const values = [some.map(({ username }) => username), some.map(({ user }) => user)]
      for (const { username } of await database.run<{ username: string }>(settle, values)) settled.add(username)
    }
    return settled
  }
}
