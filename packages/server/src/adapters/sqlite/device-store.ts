import type { DeviceId, UserId } from '@parley/protocol'
import type { DeviceStore, StoredDevice } from '../../accounts/device-store.ts'
import type { RevocationReason } from '../../accounts/revocation-log.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Statement } from './database.ts'
import { revoking } from './revocation-log.ts'
import type { SqliteStore } from './store.ts'

export interface DeviceRow {
  id: string
  user: string
  token_hash: string
  name: string
  platform: string | null
  created_at: number
  last_seen_at: number
}

const chunk = 500

export class SqliteDeviceStore implements DeviceStore {
  readonly #store
  readonly #clock

  constructor(store: SqliteStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async add(device: StoredDevice): Promise<void> {
    await this.#store.store([addition(device)])
  }

  async addAll(devices: readonly StoredDevice[]): Promise<void> {
    for (let start = 0; start < devices.length; start += chunk)
      await this.#store.store(devices.slice(start, start + chunk).map(addition))
  }

  async byToken(tokenHash: string): Promise<StoredDevice | undefined> {
    const [row] = await this.#store.read<DeviceRow>('SELECT * FROM devices WHERE token_hash = ?', [tokenHash])
    return row && toDevice(row)
  }

  async of(user: UserId): Promise<StoredDevice[]> {
    const rows = await this.#store.read<DeviceRow>('SELECT * FROM devices WHERE user = ? ORDER BY created_at, id', [
      user,
    ])
    return rows.map(toDevice)
  }

  async remove(user: UserId, devices: readonly DeviceId[], reason: RevocationReason): Promise<void> {
    if (devices.length === 0) return
    const now = this.#clock.now()
    await this.#store.store(devices.flatMap((device) => revoking(user, device, reason, now)))
  }

  async seen(devices: readonly { id: DeviceId; user: UserId; at: number }[]): Promise<void> {
    await this.#store.store(
      devices.map(({ id, user, at }) => ({
        sql: 'UPDATE devices SET last_seen_at = max(last_seen_at, ?) WHERE id = ? AND user = ?',
        params: [at, id, user],
      })),
    )
  }
}

function addition({ id, user, tokenHash, name, platform, createdAt, lastSeenAt }: StoredDevice): Statement {
  return {
    sql: `INSERT OR REPLACE INTO devices (id, user, token_hash, name, platform, created_at, last_seen_at)
          SELECT ?, ?, ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = ? AND deleted_at IS NOT NULL)`,
    params: [id, user, tokenHash, name, platform ?? null, createdAt, lastSeenAt, user],
  }
}

export function toDevice(row: DeviceRow): StoredDevice {
  return {
    id: row.id,
    user: row.user,
    tokenHash: row.token_hash,
    name: row.name,
    platform: row.platform ?? undefined,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
  }
}
