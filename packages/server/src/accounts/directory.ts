import type { User, UserId, UserSettings } from '@parley/protocol'
import type { Account, AccountStore } from './account-store.ts'
import type { BlockStore } from './block-store.ts'
import { Remembered } from './remembered.ts'

const remembered = 50_000
const searchResults = 20
const shortestPrefix = 3

/** Who there is: profiles, settings, blocks, kept at hand. Others' changes are told to it by `changed`. */
export class Directory {
  readonly #store
  readonly #blockStore
  #accounts = new Remembered<UserId, Account>(remembered)
  #blocks = new Remembered<UserId, ReadonlySet<UserId>>(remembered)

  constructor(store: AccountStore, blocks: BlockStore) {
    this.#store = store
    this.#blockStore = blocks
  }

  /** Those that exist and are not deleted. */
  async users(ids: readonly UserId[]): Promise<User[]> {
    const accounts = await this.accounts(ids)
    return accounts.filter((account) => account.deletedAt === undefined).map(userOf)
  }

  /** Deleted ones too. Each once, however often it is asked for. */
  async accounts(ids: readonly UserId[]): Promise<Account[]> {
    const found: Account[] = []
    const missing: UserId[] = []
    for (const id of new Set(ids)) {
      const known = this.#accounts.get(id)
      if (known) found.push(known)
      else missing.push(id)
    }
    if (missing.length === 0) return found
    const { asOf } = this.#accounts
    for (const account of await this.#store.byIds(missing)) {
      this.#accounts.keep(asOf, account.id, account)
      found.push(account)
    }
    return found
  }

  async settings(user: UserId): Promise<UserSettings> {
    const [account] = await this.accounts([user])
    return account?.settings ?? {}
  }

  /** By exact or leading username; what is no username finds nobody. */
  async search(query: string): Promise<User[]> {
    const name = query.trim().toLowerCase().replace(/^@/, '')
    if (!/^[a-z0-9_.]{1,32}$/.test(name)) return []
    if (name.length >= shortestPrefix) return (await this.#store.search(name, searchResults)).map(userOf)
    const account = await this.#store.byUsername(name)
    return account ? [userOf(account)] : []
  }

  blockedBetween(a: UserId, b: UserId): boolean | Promise<boolean> {
    const byA = this.#blocks.get(a)
    const byB = this.#blocks.get(b)
    if (byA && byB) return byA.has(b) || byB.has(a)
    return this.#loadedBlocksBetween(a, b)
  }

  hasBlocked(blocker: UserId, other: UserId): boolean | Promise<boolean> {
    const known = this.#blocks.get(blocker)
    return known ? known.has(other) : this.blocksOf(blocker).then((blocks) => blocks.has(other))
  }

  async blocksOf(user: UserId): Promise<ReadonlySet<UserId>> {
    const known = this.#blocks.get(user)
    if (known) return known
    const { asOf } = this.#blocks
    const blocks = new Set(await this.#blockStore.of(user))
    this.#blocks.keep(asOf, user, blocks)
    return blocks
  }

  /** What is at hand of these users is out of date. */
  changed(users: readonly UserId[]): void {
    for (const user of users) {
      this.#accounts.drop(user)
      this.#blocks.drop(user)
    }
  }

  async #loadedBlocksBetween(a: UserId, b: UserId): Promise<boolean> {
    const [byA, byB] = await Promise.all([this.blocksOf(a), this.blocksOf(b)])
    return byA.has(b) || byB.has(a)
  }
}

export function userOf({ id, username, displayName, avatar }: Account): User {
  return { id, username, displayName, ...(avatar === undefined ? {} : { avatar }) }
}
