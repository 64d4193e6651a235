import type { Device, DeviceId, SessionAnswer, User, UserId, UserSettings } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { AppError, invalid, notFound } from '../lib/errors.ts'
import type { Account, AccountChange, AccountStore, SettingsPatch, Suspension } from './account-store.ts'
import type { BlockStore } from './block-store.ts'
import { type Credentials, wrongCredentials } from './credentials.ts'
import type { DeviceRegistry } from './device-registry.ts'
import type { StoredDevice } from './device-store.ts'
import { type Directory, userOf } from './directory.ts'
import type { Identity } from './identity.ts'
import { type ImportedUser, importUsers } from './import-users.ts'
import { newAccount } from './new-account.ts'

interface DeviceInput {
  name: string
  platform?: string | undefined
}

const blocksAllowed = 10_000

/** Registration, log-in, profile, settings, passwords, deletion, blocks. */
export class AccountService {
  readonly #store
  readonly #blocks
  readonly #directory
  readonly #devices
  readonly #credentials
  readonly #clock
  readonly #nextId
  readonly #beforeErasure: ((user: UserId) => Promise<void>)[] = []
  /** Accounts whose erasure is under way. */
  #leaving = new Set<UserId>()

  constructor(deps: {
    store: AccountStore
    blocks: BlockStore
    directory: Directory
    devices: DeviceRegistry
    credentials: Credentials
    clock: Clock
    nextId: () => Promise<string>
  }) {
    this.#store = deps.store
    this.#blocks = deps.blocks
    this.#directory = deps.directory
    this.#devices = deps.devices
    this.#credentials = deps.credentials
    this.#clock = deps.clock
    this.#nextId = deps.nextId
  }

  /** Awaited before an account is erased (leaving groups, say), and again after it, for what came in between. */
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
    const account = newAccount(await this.#nextId(), username, this.#clock.now(), displayName)
    account.password = await this.#credentials.hash(password)
    if (!(await this.#store.create(account))) throw taken
    return this.#enter(account, request.device)
  }

  /** The same answer, and the same time, for an unknown user and a wrong password. */
  async logIn(request: { username: string; password: string; device: DeviceInput }): Promise<SessionAnswer> {
    return this.#enter(await this.#credentials.open(request.username, request.password), request.device)
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

  async patchSettings(user: UserId, patch: SettingsPatch): Promise<UserSettings> {
    await this.#change(user, { settings: patch })
    return this.settings(user)
  }

  /** The other devices are logged out. */
  async changePassword({ user, device }: Identity, current: string, password: string): Promise<void> {
    await this.#credentials.prove(user, current)
    await this.#setPassword(user, password, device)
  }

  /** For an operator: every device is logged out. @throws not_found */
  async resetPassword(username: string, password: string): Promise<void> {
    const account = await this.#store.byUsername(username.toLowerCase())
    if (!account) throw notFound('user')
    await this.#setPassword(account.id, password, undefined)
  }

  /** For an operator: suspends, or with undefined lets in again. Who is suspended is logged out everywhere. */
  async suspend(user: UserId, suspension: Suspension | undefined): Promise<void> {
    try {
      await this.#change(user, { suspension })
    } finally {
      if (suspension) await this.#devices.removeAll(user, 'logged_out')
    }
  }

  /** For an operator. */
  async setOperator(user: UserId, operator: boolean): Promise<void> {
    await this.#change(user, { operator })
  }

  /** Leaves everything and empties the account; its messages stay, under nobody's name. */
  async erase({ user }: Identity, password: string): Promise<void> {
    await this.#credentials.prove(user, password)
    await this.remove(user)
  }

  /** As `erase`, for an operator. */
  async remove(user: UserId): Promise<void> {
    this.#leaving.add(user)
    try {
      await this.#leave(user)
      await this.#devices.removeAll(user, 'account_deleted')
      await this.#changing(user, this.#store.erase(user, this.#clock.now()))
      // Whoever added the user to a group meanwhile did not know.
      await this.#leave(user)
    } finally {
      this.#leaving.delete(user)
    }
  }

  async block(user: UserId, other: UserId): Promise<void> {
    if (user === other) throw invalid('userId', 'You cannot block yourself.')
    await this.profile(other)
    const blocked = await this.#directory.blocksOf(user)
    if (blocked.size >= blocksAllowed && !blocked.has(other))
      throw new AppError('limit_reached', `Nobody can block more than ${blocksAllowed} users.`)
    await this.#changing(user, this.#blocks.add(user, other))
  }

  async unblock(user: UserId, other: UserId): Promise<void> {
    await this.#changing(user, this.#blocks.remove(user, other))
  }

  async blocks(user: UserId): Promise<User[]> {
    return this.#directory.users([...(await this.#directory.blocksOf(user))])
  }

  importUsers(count: number): Promise<ImportedUser[]> {
    return importUsers({ store: this.#store, devices: this.#devices, nextId: this.#nextId }, this.#clock.now(), count)
  }

  async #leave(user: UserId): Promise<void> {
    for (const run of this.#beforeErasure) await run(user)
  }

  async #enter(account: Account, input: DeviceInput): Promise<SessionAnswer> {
    const { device, token } = await this.#devices.make(account.id, input)
    // A password that was changed, or an account that was left, while it was checked opens nothing.
    const leaving = () => this.#leaving.has(account.id)
    const allowed = async () => !leaving() && (await this.#credentials.stillOpen(account)) && !leaving()
    if (!(await this.#devices.add(device, allowed))) throw wrongCredentials()
    return { user: userOf(account), device: shown(device), token }
  }

  /** Whoever came in with the old one goes, also when it is not known whether the change was made. */
  async #setPassword(user: UserId, password: string, kept: DeviceId | undefined): Promise<void> {
    const hash = await this.#credentials.hash(password)
    try {
      await this.#change(user, { password: hash })
    } finally {
      await this.#devices.removeAll(user, 'logged_out', kept)
    }
  }

  #change(user: UserId, change: AccountChange): Promise<void> {
    return this.#changing(user, this.#store.change(user, change))
  }

  /** Also when it failed: the outcome may not be known. */
  #changing(user: UserId, written: Promise<void>): Promise<void> {
    return written.finally(() => this.#directory.changed(user))
  }
}

function shown({ id, name, platform, createdAt, lastSeenAt }: StoredDevice): Device {
  return { id, name, ...(platform === undefined ? {} : { platform }), createdAt, lastSeenAt, current: true }
}
