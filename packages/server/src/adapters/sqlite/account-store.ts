import type { UserSettings } from '@parley/protocol'
import type { Account, AccountChange, AccountStore, SettingsPatch, Suspension } from '../../accounts/account-store.ts'
import type { SqlValue, Statement } from './database.ts'
import { revoking } from './revocation-log.ts'
import type { SqliteStore } from './store.ts'

export interface UserRow {
  id: string
  username: string
  display_name: string
  avatar: string | null
  password: string | null
  settings: string
  created_at: number
  deleted_at: number | null
  suspension: string | null
  operator: number
}

const chunk = 500

export class SqliteAccountStore implements AccountStore {
  readonly #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async create(account: Account): Promise<boolean> {
    const outcome = await this.#store.write(accountStatements(account))
    if (outcome.stored) return true
    const [owner] = await this.#store.readRaw<[string]>('SELECT user FROM usernames WHERE username = ?', [
      account.username,
    ])
    return owner?.[0] === account.id
  }

  async byIds(ids: readonly string[]): Promise<Account[]> {
    if (ids.length === 0) return []
    const rows = await this.#store.read<UserRow>(`SELECT * FROM users WHERE id IN (SELECT value FROM json_each(?))`, [
      JSON.stringify(ids),
    ])
    return rows.map(toAccount)
  }

  async byUsername(username: string): Promise<Account | undefined> {
    const [row] = await this.#store.read<UserRow>(
      'SELECT u.* FROM usernames n JOIN users u ON u.id = n.user WHERE n.username = ? AND u.deleted_at IS NULL',
      [username],
    )
    return row && toAccount(row)
  }

  async search(prefix: string, limit: number, after = ''): Promise<Account[]> {
    const rows = await this.#store.read<UserRow>(
      `SELECT u.* FROM usernames n JOIN users u ON u.id = n.user
       WHERE n.username >= ? AND n.username < ? AND n.username > ? AND u.deleted_at IS NULL ORDER BY n.username LIMIT ?`,
      [prefix, `${prefix}\u{10ffff}`, after, limit],
    )
    return rows.map(toAccount)
  }

  async operators(): Promise<Account[]> {
    return (await this.#store.read<UserRow>('SELECT * FROM users WHERE operator = 1', [])).map(toAccount)
  }

  async change(user: string, change: AccountChange): Promise<void> {
    const columns: string[] = []
    const params: SqlValue[] = []
    const set = (column: string, ...values: SqlValue[]): void => {
      columns.push(column)
      params.push(...values)
    }
    if ('displayName' in change) set('display_name = ?', change.displayName ?? '')
    if ('avatar' in change) set('avatar = ?', change.avatar ?? null)
    if ('password' in change) set('password = ?', change.password ?? null)
    if ('suspension' in change) set('suspension = ?', formatSuspension(change.suspension))
    if ('operator' in change) set('operator = ?', change.operator ? 1 : 0)
    if (change.settings) set(...mergedSettings(change.settings))
    if (columns.length === 0) return
    const sql = `UPDATE users SET ${columns.join(', ')} WHERE id = ? AND deleted_at IS NULL`
    await this.#store.store([{ sql, params: [...params, user] }])
  }

  async erase(user: string, at: number): Promise<void> {
    await this.#store.store([
      {
        sql: `UPDATE users SET username = '', display_name = '', avatar = NULL, password = NULL, settings = '{}',
              suspension = NULL, operator = 0, deleted_at = coalesce(deleted_at, ?) WHERE id = ?`,
        params: [at, user],
      },
      ...revoking(user, undefined, 'account_deleted', at),
      { sql: 'DELETE FROM blocks WHERE blocker = ?', params: [user] },
    ])
  }

  async createAll(accounts: readonly Account[]): Promise<boolean[]> {
    const owners = new Map<string, string>()
    for (let start = 0; start < accounts.length; start += chunk) {
      const some = accounts.slice(start, start + chunk)
      await this.#store.store(some.flatMap(importStatements))
      const names = JSON.stringify(some.map(({ username }) => username))
      const rows = await this.#store.readRaw<[string, string]>(
        'SELECT username, user FROM usernames WHERE username IN (SELECT value FROM json_each(?))',
        [names],
      )
      for (const [username, user] of rows) owners.set(username, user)
    }
    return accounts.map(({ id, username }) => owners.get(username) === id)
  }
}

const accountColumns =
  'id, username, display_name, avatar, password, settings, created_at, deleted_at, suspension, operator'
const placeholders = '?, ?, ?, ?, ?, ?, ?, ?, ?, ?'

function accountStatements(account: Account): Statement[] {
  return [
    { sql: 'INSERT INTO usernames (username, user) VALUES (?, ?)', params: [account.username, account.id] },
    { sql: `INSERT INTO users (${accountColumns}) VALUES (${placeholders})`, params: accountValues(account) },
  ]
}

/** As `accountStatements`, but what is there already stays, and nothing is refused. */
function importStatements(account: Account): Statement[] {
  const { id, username } = account
  return [
    { sql: 'INSERT OR IGNORE INTO usernames (username, user) VALUES (?, ?)', params: [username, id] },
    {
      sql: `INSERT OR IGNORE INTO users (${accountColumns}) SELECT ${placeholders}
            WHERE EXISTS (SELECT 1 FROM usernames WHERE username = ? AND user = ?)`,
      params: [...accountValues(account), username, id],
    },
  ]
}

function accountValues(account: Account): SqlValue[] {
  const { id, username, displayName, avatar, password, settings, createdAt, deletedAt, suspension, operator } = account
  return [
    id,
    username,
    displayName,
    avatar ?? null,
    password ?? null,
    JSON.stringify(settings),
    createdAt,
    deletedAt ?? null,
    formatSuspension(suspension),
    operator ? 1 : 0,
  ]
}

const formatSuspension = (suspension: Suspension | undefined): string | null =>
  suspension ? JSON.stringify(suspension) : null

/** An assignment that changes only the fields that are named. */
function mergedSettings(patch: SettingsPatch): [sql: string, ...params: SqlValue[]] {
  let sql = 'settings'
  const params: SqlValue[] = []
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue
    sql = value === null ? `json_remove(${sql}, ?)` : `json_set(${sql}, ?, json(?))`
    params.push(`$."${name}"`, ...(value === null ? [] : [JSON.stringify(value)]))
  }
  return [`settings = ${sql}`, ...params]
}

export function toAccount(row: UserRow): Account {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    avatar: row.avatar ?? undefined,
    password: row.password ?? undefined,
    settings: JSON.parse(row.settings) as UserSettings,
    createdAt: row.created_at,
    deletedAt: row.deleted_at ?? undefined,
    suspension: row.suspension === null ? undefined : (JSON.parse(row.suspension) as Suspension),
    operator: row.operator === 1,
  }
}
