import type { Device, SessionAnswer, User, UserId, UserSettings } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import type { Account, AccountChange, AccountStore } from './account-store.ts'
import type { DeviceRegistry } from './device-registry.ts'
import { type Directory, userOf } from './directory.ts'
import type { Identity } from './identity.ts'
import type { PasswordHasher } from './passwords.ts'
import type { Throttle } from './throttle.ts'

interface DeviceInput {
  name: string
  platform?: string | undefined
}

const wrongCredentials = (): AppError => new AppError('unauthenticated', 'Username or password is wrong.')

/** Registration, log-in, profile, settings, passwords, deletion, blocks. */
export class AccountService {
  readonly #store
  readonly #directory
  readonly #devices
  readonly #hasher
  readonly #clock
  readonly #nextId
  readonly #throttle
  readonly #beforeErasure: ((user: UserId) => Promise<void>)[] = []

  constructor(deps: {
    store: AccountStore
    directory: Directory
    devices: DeviceRegistry
    hasher: PasswordHasher
    clock: Clock
    nextId: () => string
    throttle: Throttle
  }) {
    this.#store = deps.store
    this.#directory = deps.directory
    this.#devices = deps.devices
    this.#hasher = deps.hasher
    this.#clock = deps.clock
    this.#nextId = deps.nextId
    this.#throttle = deps.throttle
  }

  /** Awaited before an account is erased: leaving groups, say. */
  beforeErasure(run: (user: UserId) => Promise<void>): void {
    this.#beforeErasure.push(run)
  }

  async register(request: {
    username: string
    password: string
    displayName?: string | undefined
    device: DeviceInput
  }): Promise<SessionAnswer> {
    const { username, password, displayName } = request
    const taken = new AppError('conflict', 'This username is taken.', { field: 'username' })
    if (await this.#store.byUsername(username)) throw taken
    const account = newAccount(this.#nextId(), username, this.#clock.now(), displayName)
    account.password = await this.#hasher.hash(password)
    if (!(await this.#store.create(account))) throw taken
    return this.#enter(account, request.device)
  }

  /** The same answer, and the same time, for an unknown user and a wrong password. */
  async logIn(request: { username: string; password: string; device: DeviceInput }): Promise<SessionAnswer> {
    const username = request.username.toLowerCase()
    const wait = await this.#throttle(username)
    if (wait > 0)
      throw new AppError('rate_limited', 'Too many log-ins for this username.', { retryAfter: Math.ceil(wait) })
    const account = await this.#store.byUsername(username)
    const right = await this.#hasher.verify(request.password, account?.password)
    if (!account || !right) throw wrongCredentials()
    return this.#enter(account, request.device)
  }

  logOut({ user, device }: Identity): Promise<void> {
    return this.#devices.remove(user, device)
  }

  async profile(user: UserId): Promise<User> {
    const [account] = await this.#directory.accounts([user])
    if (!account) throw notFound('user')
    return userOf(account)
  }

  async patchProfile(
    user: UserId,
    patch: { displayName?: string | undefined; avatar?: string | null | undefined },
  ): Promise<User> {
    const change: AccountChange = {}
    if (patch.displayName !== undefined) change.displayName = patch.displayName
    if (patch.avatar !== undefined) change.avatar = patch.avatar ?? undefined
    await this.#change(user, change)
    return this.profile(user)
  }

  settings(user: UserId): Promise<UserSettings> {
    return this.#directory.settings(user)
  }

  async patchSettings(user: UserId, patch: UserSettings): Promise<UserSettings> {
    const merged = { ...(await this.settings(user)), ...patch }
    const settings = Object.fromEntries(
      Object.entries(merged).filter(([, value]) => value !== undefined && value !== null),
    )
    await this.#change(user, { settings })
    return settings
  }

  /** The other devices are logged out. */
  async changePassword({ user, device }: Identity, current: string, password: string): Promise<void> {
    await this.#check(user, current)
    await this.#change(user, { password: await this.#hasher.hash(password) })
    await this.#devices.removeAll(user, 'logged_out', device)
  }

  /** For an operator: every device is logged out. @throws not_found */
  async resetPassword(username: string, password: string): Promise<void> {
    const account = await this.#store.byUsername(username.toLowerCase())
    if (!account) throw notFound('user')
    await this.#change(account.id, { password: await this.#hasher.hash(password) })
    await this.#devices.removeAll(account.id, 'logged_out')
  }

  /** Leaves everything and empties the account; its messages stay, under nobody's name. */
  async erase({ user }: Identity, password: string): Promise<void> {
    await this.#check(user, password)
    for (const run of this.#beforeErasure) await run(user)
    await this.#devices.removeAll(user, 'account_deleted')
    await this.#store.erase(user, this.#clock.now())
    this.#directory.erased()
  }

  async block(user: UserId, other: UserId): Promise<void> {
    if (user === other) throw invalid('userId', 'You cannot block yourself.')
    await this.profile(other)
    await this.#store.block(user, other)
    this.#directory.changed([user])
  }

  async unblock(user: UserId, other: UserId): Promise<void> {
    await this.#store.unblock(user, other)
    this.#directory.changed([user])
  }

  async blocks(user: UserId): Promise<User[]> {
    return this.#directory.users([...(await this.#directory.blocksOf(user))])
  }

  /** Users with one device and a token each, without a password; for load tests. */
  async importUsers(count: number): Promise<{ user: UserId; device: string; username: string; token: string }[]> {
    const now = this.#clock.now()
    const stamp = now.toString(36)
    const made = Array.from({ length: count }, (_, index) => {
      const account = newAccount(this.#nextId(), `import_${stamp}_${index + 1}`, now, undefined)
      return { account, ...this.#devices.make(account.id, { name: 'imported' }) }
    })
    await this.#store.importAll(made)
    return made.map(({ account, device, token }) => ({
      user: account.id,
      device: device.id,
      username: account.username,
      token,
    }))
  }

  async #enter(account: Account, input: DeviceInput): Promise<SessionAnswer> {
    const { device, token } = this.#devices.make(account.id, input)
    await this.#devices.add(device)
    const { id, name, platform, createdAt, lastSeenAt } = device
    const shown: Device = {
      id,
      name,
      ...(platform === undefined ? {} : { platform }),
      createdAt,
      lastSeenAt,
      current: true,
    }
    return { user: userOf(account), device: shown, token }
  }

  async #check(user: UserId, password: string): Promise<void> {
    const [account] = await this.#directory.accounts([user])
    if (!(await this.#hasher.verify(password, account?.password))) {
      throw new AppError('forbidden', 'The password is wrong.', { field: 'password' })
    }
  }

  async #change(user: UserId, change: AccountChange): Promise<void> {
    await this.#store.change(user, change)
    this.#directory.changed([user])
  }
}

function newAccount(id: UserId, username: string, createdAt: number, displayName: string | undefined): Account {
  return {
    id,
    username,
    displayName: displayName ?? username,
    avatar: undefined,
    password: undefined,
    settings: {},
    createdAt,
    deletedAt: undefined,
  }
}
