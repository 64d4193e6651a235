import type { UserId } from '@parley/protocol'
import type { Account, AccountChange, AccountStore } from '../../accounts/account-store.ts'
import { MemoryUsers } from './users.ts'

export class MemoryAccountStore implements AccountStore {
  readonly #users

  constructor(users = new MemoryUsers()) {
    this.#users = users
  }

  async create(account: Account): Promise<boolean> {
    const { accounts, usernames } = this.#users
    const owner = usernames.get(account.username)
    if (owner !== undefined) return owner === account.id
    usernames.set(account.username, account.id)
    accounts.set(account.id, { ...account })
    return true
  }

  async createAll(accounts: readonly Account[]): Promise<boolean[]> {
    const created: boolean[] = []
    for (const account of accounts) created.push(await this.create(account))
    return created
  }

  async byIds(ids: readonly UserId[]): Promise<Account[]> {
    return [...new Set(ids)].flatMap((id) => this.#users.accounts.get(id) ?? []).map((account) => ({ ...account }))
  }

  async byUsername(username: string): Promise<Account | undefined> {
    const account = this.#users.accounts.get(this.#users.usernames.get(username) ?? '')
    return account?.deletedAt === undefined ? account && { ...account } : undefined
  }

  async search(prefix: string, limit: number, after = ''): Promise<Account[]> {
    const found = [...this.#users.accounts.values()].filter(
      ({ username, deletedAt }) => deletedAt === undefined && username.startsWith(prefix) && username > after,
    )
    found.sort((a, b) => (a.username < b.username ? -1 : 1))
    return found.slice(0, limit).map((account) => ({ ...account }))
  }

  async operators(): Promise<Account[]> {
    return [...this.#users.accounts.values()].filter(({ operator }) => operator).map((account) => ({ ...account }))
  }

  async change(user: UserId, change: AccountChange): Promise<void> {
    const account = this.#users.accounts.get(user)
    if (!account || account.deletedAt !== undefined) return
    const { settings: patch = {}, ...rest } = change
    const settings: Record<string, unknown> = { ...account.settings }
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) delete settings[name]
      else if (value !== undefined) settings[name] = value
    }
    Object.assign(account, rest, { settings })
  }

  async erase(user: UserId, at: number): Promise<void> {
    const users = this.#users
    const account = users.accounts.get(user)
    if (!account) return
    const deletedAt = account.deletedAt ?? at
    Object.assign(account, {
      username: '',
      displayName: '',
      avatar: undefined,
      password: undefined,
      settings: {},
      deletedAt,
      suspension: undefined,
      operator: false,
    })
    for (const device of users.devicesOf(user)) users.revoke(device, 'account_deleted')
    users.blocks.delete(user)
  }
}
