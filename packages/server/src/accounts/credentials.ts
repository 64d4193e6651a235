import type { UserId } from '@parley/protocol'
import { AppError } from '../lib/errors.ts'
import type { Account, AccountStore } from './account-store.ts'
import type { PasswordHasher } from './passwords.ts'
import type { PasswordThrottle } from './throttle.ts'

/** Passwords of accounts: who may come in, and who may change what only the owner may. */
export class Credentials {
  readonly #store
  readonly #hasher
  readonly #throttle

  constructor(deps: { store: AccountStore; hasher: PasswordHasher; throttle: PasswordThrottle }) {
    this.#store = deps.store
    this.#hasher = deps.hasher
    this.#throttle = deps.throttle
  }

  hash(password: string): Promise<string> {
    return this.#hasher.hash(password)
  }

  /**
   * The account that a name and a password open. @throws unauthenticated, alike for an unknown name; rate_limited;
   * forbidden to one who knows the password of an account that is suspended (rule O4)
   */
  async open(name: string, password: string): Promise<Account> {
    const username = name.toLowerCase()
    await this.#throttle.enter(username)
    const account = await this.#store.byUsername(username)
    const right = await this.#hasher.verify(password, account?.password)
    if (account && right) {
      if (account.suspension) throw suspended()
      return account
    }
    await this.#throttle.failed(username)
    throw wrongCredentials()
  }

  /** Whoever is logged in knows the password too. @throws forbidden, rate_limited */
  async prove(user: UserId, password: string): Promise<void> {
    // No username has a colon: trying to log in does not close this door to the owner.
    const name = `user:${user}`
    await this.#throttle.enter(name)
    const [account] = await this.#store.byIds([user])
    if (await this.#hasher.verify(password, account?.password)) return
    await this.#throttle.failed(name)
    throw new AppError('forbidden', 'The password is wrong.', { field: 'password' })
  }

  /** An account that was opened is as it was then: not deleted or suspended, and its password not changed meanwhile. */
  async stillOpen({ id, password }: Account): Promise<boolean> {
    const [now] = await this.#store.byIds([id])
    return now !== undefined && now.deletedAt === undefined && !now.suspension && now.password === password
  }
}

const suspended = (): AppError => new AppError('forbidden', 'This account is suspended.')

export const wrongCredentials = (): AppError => new AppError('unauthenticated', 'Username or password is wrong.')
