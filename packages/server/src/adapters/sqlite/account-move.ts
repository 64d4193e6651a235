import type { AccountExport, MovedUser } from '../../accounts/account-move.ts'
import type { KeyPage } from '../../lib/key-page.ts'
import { toAccount, type UserRow } from './account-store.ts'
import type { Connection } from './connection.ts'
import { type DeviceRow, toDevice } from './device-store.ts'

/** Users as another process may read them while the server goes on. */
export class SqliteAccountExport implements AccountExport {
  readonly #page
  readonly #read
  readonly #erased
  readonly #times
  /** Names that erased accounts keep; they are found by name only, so all are looked up at once. */
  #namesOfErased = new Map<string, string>()

  constructor(database: Connection) {
    const page = database
      .prepare<[string, number], string>('SELECT id FROM users WHERE id > ? ORDER BY id LIMIT ?')
      .pluck()
    this.#page = (after: string, limit: number) => page.all(after, limit)
    const user = database.prepare<[string], UserRow>('SELECT * FROM users WHERE id = ?')
    const devices = database.prepare<[string], DeviceRow>('SELECT * FROM devices WHERE user = ? ORDER BY id')
    const blocks = database
      .prepare<[string], string>('SELECT blocked FROM blocks WHERE blocker = ? ORDER BY blocked')
      .pluck()
    this.#times = database.prepare<[string], { user: string; at: number }>(
      'SELECT user, last_online AS at FROM presence WHERE user IN (SELECT value FROM json_each(?))',
    )
    this.#erased = database.prepare<[], { user: string; username: string }>(
      'SELECT n.user, n.username FROM usernames n JOIN users u ON u.id = n.user WHERE u.deleted_at IS NOT NULL',
    )
    this.#read = database.transaction((ids: readonly string[]): MovedUser[] =>
      ids.flatMap((id) => {
        const row = user.get(id)
        if (!row) return []
        const username = row.deleted_at === null ? row.username : this.#nameOfErased(id)
        return { account: toAccount(row), username, devices: devices.all(id).map(toDevice), blocked: blocks.all(id) }
      }),
    )
  }

  async pageOfUsers(after: string | undefined, limit: number): Promise<KeyPage> {
    const keys = this.#page(after ?? '', limit)
    return { keys, next: keys.length === limit ? keys.at(-1) : undefined }
  }

  async users(ids: readonly string[]): Promise<MovedUser[]> {
    return this.#read(ids)
  }

  async lastOnline(users: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#times.all(JSON.stringify(users)).map(({ user, at }) => [user, at]))
  }

  #nameOfErased(id: string): string {
    if (!this.#namesOfErased.has(id)) {
      this.#namesOfErased = new Map(this.#erased.all().map(({ user, username }) => [user, username]))
    }
    return this.#namesOfErased.get(id) ?? ''
  }
}
