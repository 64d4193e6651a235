import type { User, UserId, UserSettings } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import type { Account, AccountStore } from './account-store.ts'
import type { BlockStore } from './block-store.ts'
import { Remembered } from './remembered.ts'

const remembered = 50_000
const searchResults = 20
const shortestPrefix = 3

/**
 * Who there is: profiles, settings, blocks, kept at hand: for good where this node is alone, else for `time` ms, or until
 * another node says that they changed.
 */
export class Directory {
  readonly #store
  readonly #blockStore
  readonly #accounts
  readonly #blocks
  readonly #listeners: ((user: UserId) => void)[] = []

  constructor(deps: { store: AccountStore; blocks: BlockStore; clock: Clock; time?: number | undefined }) {
    this.#store = deps.store
    this.#blockStore = deps.blocks
    this.#accounts = new Remembered<UserId, Account>(remembered, deps.clock, deps.time)
    this.#blocks = new Remembered<UserId, ReadonlySet<UserId>>(remembered, deps.clock, deps.time)
  }

  /** Told of users whose profile, settings or blocks were changed by this node. */
  onChanged(listener: (user: UserId) => void): void {
    this.#listeners.push(listener)
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

  /** This node changed the user, or may have. */
  changed(user: UserId): void {
    this.forget(user)
    for (const tell of this.#listeners) tell(user)
  }

  /** What is at hand of the user is out of date. */
  forget(user: UserId): void {
    this.#accounts.drop(user)
    this.#blocks.drop(user)
  }

  async #loadedBlocksBetween(a: UserId, b: UserId): Promise<boolean> {
    const [byA, byB] = await Promise.all([this.blocksOf(a), this.blocksOf(b)])
    return byA.has(b) || byB.has(a)
  }
}

export function userOf({ id, username, displayName, avatar }: Account): User {
  return { id, username, displayName, ...(avatar === undefined ? {} : { avatar }) }
}
