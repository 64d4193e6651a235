import type { DeviceId, UserId } from '@parley/protocol'
import type { DeviceStore, StoredDevice } from '../../accounts/device-store.ts'
import type { RevocationReason } from '../../accounts/revocation-log.ts'
import type { Shards } from './shards.ts'
import type { Token, Tokens } from './tokens.ts'

export interface DeviceRow {
  user_id: string
  id: string
  token_hash: string
  name: string
  platform: string | null
  created_at: number
  last_seen_at: number
}

const chunk = 1000
export const deviceColumns = 'user_id, id, token_hash, name, platform, created_at, last_seen_at'

const insert = {
  name: 'devices-insert',
  // An erasure that is on its way is waited for, and one behind this waits: whichever is first, no device is left.
  text: `
WITH owners AS MATERIALIZED (SELECT id, deleted_at FROM users WHERE id = ANY($1::text[]) FOR SHARE)
INSERT INTO devices (${deviceColumns})
SELECT ${deviceColumns} FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
  AS given (${deviceColumns})
WHERE user_id NOT IN (SELECT owners.id FROM owners WHERE deleted_at IS NOT NULL)
ON CONFLICT (user_id, id) DO UPDATE SET token_hash = excluded.token_hash, name = excluded.name,
  platform = excluded.platform, created_at = excluded.created_at, last_seen_at = excluded.last_seen_at`,
}
const byToken = {
  name: 'device-by-token',
  text: `SELECT t.token_hash, t.user_id, t.device_id, to_jsonb(d.*) AS found FROM tokens t
LEFT JOIN devices d ON d.user_id = t.user_id AND d.id = t.device_id WHERE t.token_hash = $1`,
}
const byId = { name: 'device-by-id', text: `SELECT ${deviceColumns} FROM devices WHERE user_id = $1 AND id = $2` }
const ofUser = {
  name: 'devices-of-user',
  text: `SELECT ${deviceColumns} FROM devices WHERE user_id = $1 ORDER BY created_at, id`,
}
const seen = {
  name: 'devices-seen',
  text: `
UPDATE devices SET last_seen_at = given.at
FROM unnest($1::text[], $2::text[], $3::bigint[]) AS given (user_id, id, at)
WHERE devices.user_id = given.user_id AND devices.id = given.id AND devices.last_seen_at < given.at`,
}

export class PostgresDeviceStore implements DeviceStore {
  readonly #shards
  readonly #tokens

  constructor(shards: Shards, tokens: Tokens) {
    this.#shards = shards
    this.#tokens = tokens
  }

  add(device: StoredDevice): Promise<void> {
    return this.addAll([device])
  }

  async addAll(devices: readonly StoredDevice[]): Promise<void> {
    for (let start = 0; start < devices.length; start += chunk) await this.#addSome(devices.slice(start, start + chunk))
  }

  async byToken(tokenHash: string): Promise<StoredDevice | undefined> {
    const [token] = await this.#shards.run<Token & { found: DeviceRow | null }>(tokenHash, byToken, [tokenHash])
    if (!token) return undefined
    const { user_id: user, device_id: device } = token
    const row = token.found ?? (await this.#shards.run<DeviceRow>(user, byId, [user, device]))[0]
    return row?.token_hash === tokenHash ? deviceOf(row) : undefined
  }

  async of(user: UserId): Promise<StoredDevice[]> {
    return (await this.#shards.run<DeviceRow>(user, ofUser, [user])).map(deviceOf)
  }

  async remove(user: UserId, devices: readonly DeviceId[], reason: RevocationReason): Promise<void> {
    if (devices.length === 0) return
    await this.#tokens.forget(await this.#tokens.revoke(this.#shards.of(user).database.run, user, devices, reason))
  }

  async seen(devices: readonly { id: DeviceId; user: UserId; at: number }[]): Promise<void> {
    const newest = new Map<string, { id: DeviceId; user: UserId; at: number }>()
    for (const one of devices) {
      const known = newest.get(`${one.user} ${one.id}`)
      if (!known || known.at < one.at) newest.set(`${one.user} ${one.id}`, one)
    }
    for (const [{ database }, some] of this.#shards.group([...newest.values()], ({ user }) => user))
      await database.run(seen, [some.map(({ user }) => user), some.map(({ id }) => id), some.map(({ at }) => at)])
  }

  async #addSome(devices: readonly StoredDevice[]): Promise<void> {
    await this.#tokens.put(
      devices.map(({ tokenHash, user, id }) => ({ token_hash: tokenHash, user_id: user, device_id: id })),
    )
    for (const [{ database }, some] of this.#shards.group(devices, ({ user }) => user)) {
      const rows = some.map(deviceValues)
      const values = Array.from({ length: 7 }, (_, column) => rows.map((row) => row[column] as string))
      await database.run(insert, values)
    }
  }
}

/** In the order of `deviceColumns`. */
export function deviceValues({ user, id, tokenHash, name, platform, createdAt, lastSeenAt }: StoredDevice) {
  return [user, id, tokenHash, name, platform ?? null, createdAt, lastSeenAt]
}

export function deviceOf(row: DeviceRow): StoredDevice {
  return {
    id: row.id,
    user: row.user_id,
    tokenHash: row.token_hash,
    name: row.name,
    platform: row.platform ?? undefined,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
  }
}
