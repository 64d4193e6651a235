import type { AuditEntry, AuditPage, UserId } from '@parley/protocol'
import type { AccountService } from '../accounts/account-service.ts'
import type { Account, AccountStore } from '../accounts/account-store.ts'
import { hashToken } from '../accounts/device-registry.ts'
import type { Identity } from '../accounts/identity.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import { type Random, randomToken } from '../lib/random.ts'
import type { OperatorRecords } from './operator-records.ts'

/** Milliseconds for which an offer to become the first operator is good. */
const offerLife = 24 * 3_600_000
const tokenBytes = 32

type Deed = Omit<AuditEntry, 'id' | 'at' | 'by' | 'user'>

/** Who operates the service, and what they did (rules O1–O3, O8). */
export class Operators {
  readonly #store
  readonly #accounts
  readonly #records
  readonly #clock
  readonly #random
  readonly #nextId

  constructor(deps: {
    store: AccountStore
    accounts: AccountService
    records: OperatorRecords
    clock: Clock
    random: Random
    nextId: () => Promise<string>
  }) {
    this.#store = deps.store
    this.#accounts = deps.accounts
    this.#records = deps.records
    this.#clock = deps.clock
    this.#random = deps.random
    this.#nextId = deps.nextId
  }

  /** Asked of the store each time: who is no operator any more is none from the next request on. @throws forbidden */
  async need({ user }: Identity): Promise<Account> {
    const [account] = await this.#store.byIds([user])
    if (!account?.operator || account.suspension || account.deletedAt !== undefined) {
      throw new AppError('forbidden', 'Only an operator may do this.')
    }
    return account
  }

  /** A token that makes its bearer the first operator, once; undefined when there is one. Kept nowhere but hashed. */
  async offer(): Promise<string | undefined> {
    if ((await this.#store.operators()).length > 0) return undefined
    const token = randomToken(this.#random, tokenBytes)
    await this.#records.offer(hashToken(token), this.#clock.now() + offerLife)
    return token
  }

  /** Whoever is logged in and brings an offer becomes the first operator. @throws forbidden */
  async claim({ user }: Identity, token: string): Promise<Account> {
    const refused = new AppError('forbidden', 'This link is not good any more.')
    const operators = await this.#store.operators()
    // The same again is the second try of whoever got no answer.
    if (operators.some(({ id }) => id === user)) return this.#account(user)
    if (operators.length > 0) throw refused
    const account = await this.#account(user)
    if (!(await this.#records.take(hashToken(token), this.#clock.now()))) throw refused
    await this.note(account, account, { action: 'claim' })
    await this.#accounts.setOperator(user, true)
    return this.#account(user)
  }

  async grant(identity: Identity, user: UserId): Promise<Account> {
    const by = await this.need(identity)
    const account = await this.#account(user)
    if (account.suspension) throw new AppError('conflict', 'This user is suspended.')
    if (account.operator) return account
    await this.note(by, account, { action: 'grant-operator' })
    await this.#accounts.setOperator(user, true)
    return this.#account(user)
  }

  /** @throws conflict for the last one, who could let nobody else in any more */
  async revoke(identity: Identity, user: UserId): Promise<void> {
    const by = await this.need(identity)
    const account = await this.#account(user)
    if (!account.operator) return
    const others = (await this.#store.operators()).filter(({ id }) => id !== user)
    if (others.length === 0) throw new AppError('conflict', 'The last operator stays.')
    await this.note(by, account, { action: 'revoke-operator' })
    await this.#accounts.setOperator(user, false)
  }

  /** From the command line. @throws not_found */
  async set(username: string, operator: boolean): Promise<void> {
    const account = await this.#named(username)
    await this.note(undefined, account, { action: operator ? 'grant-operator' : 'revoke-operator' })
    await this.#accounts.setOperator(account.id, operator)
  }

  /** From the command line. @throws not_found */
  async resetPassword(username: string, password: string): Promise<void> {
    await this.note(undefined, await this.#named(username), { action: 'reset-password' })
    await this.#accounts.resetPassword(username, password)
  }

  /** Before it is done: nothing is done that is not noted. */
  async note(by: Account | undefined, user: Account | undefined, deed: Deed): Promise<void> {
    const id = await this.#nextId()
    const named = ({ id, username }: Account) => ({ id, username })
    const whom = { ...(by && { by: named(by) }), ...(user && { user: named(user) }) }
    await this.#records.note({ id, at: this.#clock.now(), ...whom, ...deed })
  }

  /** The newest first. */
  async audit(identity: Identity, before: string | undefined, limit: number): Promise<AuditPage> {
    await this.need(identity)
    if (before !== undefined && !/^\d{1,20}$/.test(before)) throw invalid('cursor', 'This cursor is not one of ours.')
    const items = await this.#records.entries(before, limit)
    const last = items.at(-1)
    return { items, ...(last && items.length === limit ? { next: last.id } : {}) }
  }

  async #named(username: string): Promise<Account> {
    const account = await this.#store.byUsername(username.toLowerCase())
    if (!account) throw notFound('user')
    return account
  }

  async #account(user: UserId): Promise<Account> {
    const [account] = await this.#store.byIds([user])
    if (!account || account.deletedAt !== undefined) throw notFound('user')
    return account
  }
}
