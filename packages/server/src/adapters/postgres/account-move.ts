import type { UserId } from '@parley/protocol'
import type { AccountImport, MovedUser } from '../../accounts/account-move.ts'
import type { StoredDevice } from '../../accounts/device-store.ts'
import { accountOf, type UserRow, userArrays, userColumns, userValues, userWidth } from './account-row.ts'
import type { Database } from './database.ts'
import { type DeviceRow, deviceColumns, deviceOf, deviceValues } from './device-store.ts'
import type { Shards } from './shards.ts'
import type { Tokens } from './tokens.ts'

const reserve = {
  name: 'move-usernames',
  text: `
WITH given AS (SELECT * FROM unnest($1::text[], $2::text[]) AS given (username, user_id)), put AS (
  INSERT INTO usernames (username, user_id, settled) SELECT username, user_id, true FROM given ORDER BY username
  ON CONFLICT (username) DO UPDATE SET settled = true WHERE usernames.user_id = excluded.user_id
  RETURNING username
)
SELECT username FROM given WHERE username NOT IN (SELECT username FROM put)`,
}
const putUsers = {
  name: 'move-users',
  text: `
INSERT INTO users (${userColumns})
SELECT ${userColumns} FROM unnest(${userArrays}) AS given (${userColumns})
ON CONFLICT (id) DO UPDATE SET username = excluded.username, display_name = excluded.display_name,
  avatar = excluded.avatar, password = excluded.password, settings = excluded.settings,
  created_at = excluded.created_at, deleted_at = excluded.deleted_at, suspension = excluded.suspension,
  operator = excluded.operator`,
}
const dropDevices = {
  name: 'move-devices-gone',
  text: 'DELETE FROM devices WHERE user_id = ANY($1::text[]) AND NOT (id = ANY($2::text[])) RETURNING token_hash',
}
const putDevices = {
  name: 'move-devices',
  text: `
INSERT INTO devices (${deviceColumns})
SELECT ${deviceColumns} FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
  $7::bigint[]) AS given (${deviceColumns})
ON CONFLICT (user_id, id) DO UPDATE SET token_hash = excluded.token_hash, name = excluded.name,
  platform = excluded.platform, created_at = excluded.created_at, last_seen_at = excluded.last_seen_at`,
}
const dropBlocks = {
  name: 'move-blocks-gone',
  text: `
DELETE FROM blocks WHERE blocker = ANY($1::text[]) AND (blocker, blocked) NOT IN (
  SELECT * FROM unnest($2::text[], $3::text[]))`,
}
const putBlocks = {
  name: 'move-blocks',
  text: `
INSERT INTO blocks (blocker, blocked) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
}
const readUsers = {
  name: 'moved-users',
  text: `SELECT ${userColumns} FROM users WHERE id = ANY($1::text[]) ORDER BY id`,
}
const readNames = {
  name: 'moved-usernames',
  text: 'SELECT username, user_id FROM usernames WHERE user_id = ANY($1::text[]) AND settled',
}
const readDevices = {
  name: 'moved-devices',
  text: `SELECT ${deviceColumns} FROM devices WHERE user_id = ANY($1::text[]) ORDER BY id`,
}
const readBlocks = {
  name: 'moved-blocks',
  text: 'SELECT blocker, blocked FROM blocks WHERE blocker = ANY($1::text[]) ORDER BY blocked',
}

/** Brings users over: each into its shard, names and hashes of tokens into theirs. */
export class PostgresAccountImport implements AccountImport {
  readonly #shards
  readonly #tokens

  constructor(shards: Shards, tokens: Tokens) {
    this.#shards = shards
    this.#tokens = tokens
  }

  async putUsers(users: readonly MovedUser[]): Promise<void> {
    await this.#reserve(users)
    const devices = users.flatMap((user) => user.devices)
    await this.#tokens.put(
      devices.map(({ tokenHash, user, id }) => ({ token_hash: tokenHash, user_id: user, device_id: id })),
    )
    for (const [{ database }, some] of this.#shards.group(users, ({ account }) => account.id)) {
      await this.#putInto(database, some)
    }
  }

  async users(ids: readonly UserId[]): Promise<MovedUser[]> {
    const names = await this.#shards.everywhere(({ database }) =>
      database.run<{ username: string; user_id: UserId }>(readNames, [ids]),
    )
    const nameOf = new Map(names.map((row) => [row.user_id, row.username]))
    const groups = this.#shards.group(ids, (id) => id)
    const found = await Promise.all(groups.map(([{ database }, some]) => readFrom(database, some, nameOf)))
    const byId = new Map(found.flat().map((user) => [user.account.id, user]))
    return ids.flatMap((id) => byId.get(id) ?? [])
  }

  async #reserve(users: readonly MovedUser[]): Promise<void> {
    const named = users.filter(({ username }) => username !== '')
    for (const [{ database }, some] of this.#shards.group(named, ({ username }) => username)) {
      const columns = [some.map(({ username }) => username), some.map(({ account }) => account.id)]
      const [taken] = await database.run<{ username: string }>(reserve, columns)
      if (taken) throw new Error(`The name ${taken.username} belongs to another user there.`)
    }
  }

  async #putInto(database: Database, users: readonly MovedUser[]): Promise<void> {
    const ids = users.map(({ account }) => account.id)
    await database.run(
      putUsers,
      columnsOf(
        users.map(({ account }) => userValues(account)),
        userWidth,
      ),
    )
    const devices = users.flatMap((user) => user.devices)
    const gone = await database.run<{ token_hash: string }>(dropDevices, [ids, devices.map(({ id }) => id)])
    await this.#tokens.forget(gone.map(({ token_hash: hash }) => hash))
    await database.run(putDevices, columnsOf(devices.map(deviceValues), 7))
    const blocks = users.flatMap(({ account, blocked }) => blocked.map((other) => [account.id, other]))
    const pairs = columnsOf(blocks, 2)
    await database.run(dropBlocks, [ids, ...pairs])
    await database.run(putBlocks, pairs)
  }
}

async function readFrom(
  database: Database,
  ids: readonly UserId[],
  nameOf: ReadonlyMap<UserId, string>,
): Promise<MovedUser[]> {
  const rows = await database.run<UserRow>(readUsers, [ids])
  const devices = (await database.run<DeviceRow>(readDevices, [ids])).map(deviceOf)
  const blocks = await database.run<{ blocker: UserId; blocked: UserId }>(readBlocks, [ids])
  const devicesOf = Map.groupBy<UserId, StoredDevice>(devices, ({ user }) => user)
  const blocksOf = Map.groupBy(blocks, ({ blocker }) => blocker)
  return rows.map((row) => ({
    account: accountOf(row),
    username: nameOf.get(row.id) ?? '',
    devices: devicesOf.get(row.id) ?? [],
    blocked: (blocksOf.get(row.id) ?? []).map(({ blocked }) => blocked),
  }))
}

const columnsOf = (rows: readonly (readonly (string | number | null)[])[], width: number): string[][] =>
  Array.from({ length: width }, (_, column) => rows.map((row) => row[column] as string))
