import type { AdminDevice, AdminUser, AdminUserPage, DeviceId, UserId } from '@parley/protocol'
import type { AccountService } from '../accounts/account-service.ts'
import type { Account, AccountStore } from '../accounts/account-store.ts'
import type { DeviceRegistry } from '../accounts/device-registry.ts'
import { userOf } from '../accounts/directory.ts'
import type { Identity } from '../accounts/identity.ts'
import type { Clock } from '../lib/clock.ts'
import { AppError, notFound } from '../lib/errors.ts'
import { type Random, randomToken } from '../lib/random.ts'
import type { Operators } from './operators.ts'

/** Bytes of a password that is made: 16 characters. */
const passwordBytes = 12

/** Nodes on which devices of a user have sockets now; a node that does not answer says nothing. */
export type Whereabouts = (user: UserId) => Promise<ReadonlyMap<DeviceId, readonly string[]>>

/** What operators do with users (rules O4–O7). */
export class UserAdministration {
  readonly #operators
  readonly #store
  readonly #accounts
  readonly #devices
  readonly #whereabouts
  readonly #lastSeenMessageIds
  readonly #clock
  readonly #random

  constructor(deps: {
    operators: Operators
    store: AccountStore
    accounts: AccountService
    devices: DeviceRegistry
    whereabouts: Whereabouts
    lastSeenMessageIds: (user: UserId) => Promise<ReadonlyMap<DeviceId, string>>
    clock: Clock
    random: Random
  }) {
    this.#operators = deps.operators
    this.#store = deps.store
    this.#accounts = deps.accounts
    this.#devices = deps.devices
    this.#whereabouts = deps.whereabouts
    this.#lastSeenMessageIds = deps.lastSeenMessageIds
    this.#clock = deps.clock
    this.#random = deps.random
  }

  /** By the beginning of the username, in order of it. */
  async list(identity: Identity, query: string, after: string | undefined, limit: number): Promise<AdminUserPage> {
    await this.#operators.need(identity)
    const prefix = query.trim().toLowerCase().replace(/^@/, '')
    // What is no beginning of a username finds nobody.
    if (!/^[a-z0-9_.]{0,32}$/.test(prefix)) return { items: [] }
    const accounts = await this.#store.search(prefix, limit, after)
    const last = accounts.at(-1)
    return { items: accounts.map(adminUserOf), ...(last && accounts.length === limit ? { next: last.username } : {}) }
  }

  async get(identity: Identity, user: UserId): Promise<AdminUser> {
    await this.#operators.need(identity)
    return adminUserOf(await this.#account(user))
  }

  async devices(identity: Identity, user: UserId): Promise<AdminDevice[]> {
    await this.#operators.need(identity)
    await this.#account(user)
    const [devices, where] = await Promise.all([
      this.#devices.list(user, '', await this.#lastSeenMessageIds(user)),
      this.#whereabouts(user),
    ])
    return devices.map(({ current: _, ...device }) => ({ ...device, nodes: [...(where.get(device.id) ?? [])] }))
  }

  /** Logs the user out everywhere, and in nowhere, until it is taken back. Again: with another reason. */
  async suspend(identity: Identity, user: UserId, reason: string): Promise<AdminUser> {
    const { by, account } = await this.#target(identity, user)
    await this.#operators.note(by, account, { action: 'suspend', reason })
    const at = account.suspension?.at ?? this.#clock.now()
    await this.#accounts.suspend(user, { at, reason, by: by.id })
    return adminUserOf(await this.#account(user))
  }

  async unsuspend(identity: Identity, user: UserId): Promise<void> {
    const by = await this.#operators.need(identity)
    const account = await this.#account(user)
    if (!account.suspension) return
    await this.#operators.note(by, account, { action: 'unsuspend' })
    await this.#accounts.suspend(user, undefined)
  }

  /** @returns a new password; it is told once, and every device is logged out */
  async resetPassword(identity: Identity, user: UserId): Promise<string> {
    const { by, account } = await this.#target(identity, user)
    await this.#operators.note(by, account, { action: 'reset-password' })
    const password = randomToken(this.#random, passwordBytes)
    await this.#accounts.resetPassword(account.username, password)
    return password
  }

  /** One device, or all. */
  async logOut(identity: Identity, user: UserId, device: DeviceId | undefined): Promise<void> {
    const by = await this.#operators.need(identity)
    const account = await this.#account(user)
    await this.#operators.note(by, account, { action: 'log-out', ...(device !== undefined && { device }) })
    if (device === undefined) await this.#devices.removeAll(user, 'logged_out')
    else await this.#devices.remove(user, device)
  }

  /** As the user would, without the password. */
  async remove(identity: Identity, user: UserId): Promise<void> {
    const { by, account } = await this.#target(identity, user)
    await this.#operators.note(by, account, { action: 'delete' })
    await this.#accounts.remove(user)
  }

  /** Whom an operator may act against: nobody who operates, and so not themselves. @throws conflict */
  async #target(identity: Identity, user: UserId): Promise<{ by: Account; account: Account }> {
    const by = await this.#operators.need(identity)
    const account = await this.#account(user)
    if (account.operator) throw new AppError('conflict', 'This user is an operator; take that away first.')
    return { by, account }
  }

  async #account(user: UserId): Promise<Account> {
    const [account] = await this.#store.byIds([user])
    if (!account || account.deletedAt !== undefined) throw notFound('user')
    return account
  }
}

export function adminUserOf(account: Account): AdminUser {
  const { createdAt, operator, suspension } = account
  return {
    ...userOf(account),
    createdAt,
    ...(operator && { operator }),
    ...(suspension && { suspended: suspension }),
  }
}
