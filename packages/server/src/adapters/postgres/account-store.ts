import type { UserId } from '@parley/protocol'
import type { Account, AccountChange, AccountStore } from '../../accounts/account-store.ts'
import { accountOf, patchValues, type UserRow, userArrays, userColumns, userValues, userWidth } from './account-row.ts'
import { storableJson } from './driver.ts'
import type { Shards } from './shards.ts'
import type { Tokens } from './tokens.ts'
import { Usernames } from './usernames.ts'

const chunk = 1000

const insertUsers = {
  name: 'users-insert',
  text: `
INSERT INTO users (${userColumns})
SELECT ${userColumns} FROM unnest(${userArrays}) AS given (${userColumns})
ON CONFLICT (id) DO NOTHING`,
}
const removeUser = { name: 'user-remove', text: 'DELETE FROM users WHERE id = $1' }
const byIds = { name: 'users-by-ids', text: `SELECT ${userColumns} FROM users WHERE id = ANY($1::text[])` }
const byUsername = {
  name: 'user-by-username',
  text: `SELECT n.user_id, to_jsonb(u.*) AS found FROM usernames n LEFT JOIN users u ON u.id = n.user_id WHERE n.username = $1`,
}
const search = {
  name: 'users-search',
  text: `SELECT ${userColumns} FROM users WHERE username >= $1 AND username < $2 AND username > $4 AND deleted_at IS NULL
ORDER BY username LIMIT $3`,
}
const operators = { name: 'users-operators', text: `SELECT ${userColumns} FROM users WHERE operator` }
const change = {
  name: 'user-change',
  text: `
UPDATE users SET display_name = CASE WHEN $2 THEN $3 ELSE display_name END,
  avatar = CASE WHEN $4 THEN $5 ELSE avatar END, password = CASE WHEN $6 THEN $7 ELSE password END,
  settings = (settings - $8::text[]) || $9::jsonb,
  suspension = CASE WHEN $10 THEN $11::jsonb ELSE suspension END,
  operator = CASE WHEN $12 THEN $13 ELSE operator END
WHERE id = $1 AND deleted_at IS NULL`,
}
const empty = {
  name: 'user-empty',
  text: `
UPDATE users SET username = '', display_name = '', avatar = NULL, password = NULL, settings = '{}',
  suspension = NULL, operator = false, deleted_at = coalesce(deleted_at, $2)
WHERE id = $1`,
}
const removeBlocks = { name: 'blocks-remove-all', text: 'DELETE FROM blocks WHERE blocker = $1' }

export class PostgresAccountStore implements AccountStore {
  readonly #shards
  readonly #tokens
  readonly #usernames

  constructor(shards: Shards, tokens: Tokens) {
    this.#shards = shards
    this.#tokens = tokens
    this.#usernames = new Usernames(shards)
  }

  async create(account: Account): Promise<boolean> {
    const { id: user, username } = account
    const reserved = await this.#usernames.reserve(username, user)
    if (reserved !== 'reserved') return reserved === 'settled'
    await this.#insert([account])
    const settled = await this.#usernames.settle([{ username, user }])
    if (settled.has(username)) return true
    // It took so long that the name went to another.
    await this.#shards.run(user, removeUser, [user])
    return false
  }

  async createAll(accounts: readonly Account[]): Promise<boolean[]> {
    const created: boolean[] = []
    for (let start = 0; start < accounts.length; start += chunk) {
      created.push(...(await this.#createSome(accounts.slice(start, start + chunk))))
    }
    return created
  }

  async byIds(ids: readonly UserId[]): Promise<Account[]> {
    const groups = this.#shards.group([...new Set(ids)], (id) => id)
    const rows = await Promise.all(groups.map(([{ database }, some]) => database.run<UserRow>(byIds, [some])))
    return rows.flat().map(accountOf)
  }

  async byUsername(username: string): Promise<Account | undefined> {
    const [owner] = await this.#shards.run<{ user_id: UserId; found: UserRow | null }>(username, byUsername, [username])
    if (!owner) return undefined
    const account = owner.found ? accountOf(owner.found) : (await this.byIds([owner.user_id]))[0]
    // Not so when it was erased, or is another's that is still being stored.
    return account?.username === username ? account : undefined
  }

  async search(prefix: string, limit: number, after = ''): Promise<Account[]> {
    const values = [prefix, `${prefix}\u{10ffff}`, limit, after]
    const rows = await this.#shards.everywhere((shard) => shard.read((one) => one.run<UserRow>(search, values)))
    rows.sort((a, b) => (a.username < b.username ? -1 : 1))
    return rows.slice(0, limit).map(accountOf)
  }

  async operators(): Promise<Account[]> {
    return (await this.#shards.everywhere((shard) => shard.database.run<UserRow>(operators, []))).map(accountOf)
  }

  async change(user: UserId, { settings, ...rest }: AccountChange): Promise<void> {
    const { displayName = null, avatar = null, password = null, suspension, operator } = rest
    const named = ['displayName' in rest, 'avatar' in rest, 'password' in rest] as const
    const given = ['suspension' in rest, suspension ? storableJson(suspension) : null, operator !== undefined]
    if (![...named, given[0], given[2]].includes(true) && !settings) return
    const own = [named[0], displayName ?? '', named[1], avatar, named[2], password]
    await this.#shards.run(user, change, [user, ...own, ...patchValues(settings), ...given, operator ?? false])
  }

  async erase(user: UserId, at: number): Promise<void> {
    const tokens = await this.#shards.of(user).database.transaction(async (run) => {
      // First: it waits for log-ins that are on their way, and those behind it see that the account is gone.
      await run(empty, [user, at])
      await run(removeBlocks, [user])
      return this.#tokens.revoke(run, user, undefined, 'account_deleted')
    })
    await this.#tokens.forget(tokens)
  }

  async #createSome(accounts: readonly Account[]): Promise<boolean[]> {
    const first = new Map<string, Account>()
    for (const account of accounts) if (!first.has(account.username)) first.set(account.username, account)
    const wanted = [...first.values()].map(({ id: user, username }) => ({ user, username }))
    const owners = await this.#usernames.reserveAll(wanted)
    const isOwn = ({ id, username }: Account): boolean => owners.get(username)?.user === id
    const fresh = accounts.filter((account) => isOwn(account) && !owners.get(account.username)?.settled)
    await this.#insert(fresh)
    await this.#usernames.settle(fresh.map(({ id: user, username }) => ({ user, username })))
    return accounts.map(isOwn)
  }

  async #insert(accounts: readonly Account[]): Promise<void> {
    for (const [{ database }, some] of this.#shards.group(accounts, ({ id }) => id)) {
      const rows = some.map(userValues)
      const columns = Array.from({ length: userWidth }, (_, column) => rows.map((row) => row[column] as string))
      await database.run(insertUsers, columns)
    }
  }
}
