import type { DeviceId, UserId } from '@parley/protocol'
import {
  type Revocation,
  type RevocationLog,
  type RevocationReason,
  revocationRetention,
} from '../../accounts/revocation-log.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Statement } from './database.ts'
import type { SqliteStore } from './store.ts'

const toldAtOnce = 10_000

/** There is one writer, so what has a greater number was stored later. A mark is the newest number, and the time. */
export class SqliteRevocationLog implements RevocationLog {
  readonly #store
  readonly #clock

  constructor(store: SqliteStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async since(mark: string | undefined): Promise<{ mark: string; revocations: Revocation[] | undefined }> {
    const now = this.#clock.now()
    const [number = Number.NaN, at = 0] = mark?.split('@').map(Number) ?? []
    if (Number.isNaN(number) || now - at > revocationRetention) {
      const [newest] = await this.#store.readRaw<[number]>('SELECT coalesce(max(id), 0) FROM revocations', [])
      return { mark: `${newest?.[0] ?? 0}@${now}`, revocations: mark === undefined ? [] : undefined }
    }
    const rows = await this.#store.read<Revocation & { id: number }>(
      'SELECT id, user, device, token_hash AS tokenHash, reason FROM revocations WHERE id > ? ORDER BY id LIMIT ?',
      [number, toldAtOnce + 1],
    )
    if (rows.length > toldAtOnce) return { ...(await this.since(undefined)), revocations: undefined }
    const revocations = rows.map(({ id: _, ...revocation }) => revocation)
    return { mark: `${rows.at(-1)?.id ?? number}@${now}`, revocations }
  }

  async trim(time: number, limit: number): Promise<number> {
    const [result] = await this.#store.store([
      {
        sql: 'DELETE FROM revocations WHERE id IN (SELECT id FROM revocations WHERE at < ? ORDER BY id LIMIT ?)',
        params: [time, limit],
      },
    ])
    return result?.changes ?? 0
  }
}

/** Notes devices of a user as revoked and removes them: one, or all. */
export function revoking(
  user: UserId,
  device: DeviceId | undefined,
  reason: RevocationReason,
  at: number,
): Statement[] {
  const which = device === undefined ? 'user = ?' : 'user = ? AND id = ?'
  const params = device === undefined ? [user] : [user, device]
  return [
    {
      sql: `INSERT INTO revocations (user, device, token_hash, reason, at)
            SELECT user, id, token_hash, ?, ? FROM devices WHERE ${which}`,
      params: [reason, at, ...params],
    },
    { sql: `DELETE FROM devices WHERE ${which}`, params },
  ]
}
