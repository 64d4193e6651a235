import type { Account, AccountChange, AccountStore, StoredDevice } from '../../accounts/account-store.ts'

/** Accounts in memory, for tests and simulations. */
export class MemoryAccountStore implements AccountStore {
  readonly #accounts = new Map<string, Account>()
  readonly #usernames = new Map<string, string>()
  readonly #devices = new Map<string, StoredDevice>()
  readonly #byToken = new Map<string, string>()
  readonly #blocks = new Map<string, Set<string>>()

  async create(account: Account): Promise<boolean> {
    const owner = this.#usernames.get(account.username)
    if (owner !== undefined) return owner === account.id
    this.#usernames.set(account.username, account.id)
    this.#accounts.set(account.id, { ...account })
    return true
  }

  async byIds(ids: readonly string[]): Promise<Account[]> {
    return [...new Set(ids)].flatMap((id) => this.#accounts.get(id) ?? []).map((account) => ({ ...account }))
  }

  async byUsername(username: string): Promise<Account | undefined> {
    const account = this.#accounts.get(this.#usernames.get(username) ?? '')
    return account?.deletedAt === undefined ? account && { ...account } : undefined
  }

  async search(prefix: string, limit: number): Promise<Account[]> {
    const found = [...this.#accounts.values()].filter(
      ({ username, deletedAt }) => deletedAt === undefined && username.startsWith(prefix),
    )
    found.sort((a, b) => (a.username < b.username ? -1 : 1))
    return found.slice(0, limit).map((account) => ({ ...account }))
  }

  async change(user: string, change: AccountChange): Promise<void> {
    const account = this.#accounts.get(user)
    if (!account || account.deletedAt !== undefined) return
    const { settings: patch = {}, ...rest } = change
    const settings: Record<string, unknown> = { ...account.settings }
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) delete settings[name]
      else if (value !== undefined) settings[name] = value
    }
    Object.assign(account, rest, { settings })
  }

  async erase(user: string, at: number): Promise<void> {
    const account = this.#accounts.get(user)
    if (!account) return
    const deletedAt = account.deletedAt ?? at
    Object.assign(account, {
      username: '',
      displayName: '',
      avatar: undefined,
      password: undefined,
      settings: {},
      deletedAt,
    })
    for (const device of this.#devices.values()) if (device.user === user) this.#forget(device)
    this.#blocks.delete(user)
    for (const blocked of this.#blocks.values()) blocked.delete(user)
  }

  async addDevice(device: StoredDevice): Promise<void> {
    if (this.#accounts.get(device.user)?.deletedAt !== undefined) return
    this.#devices.set(device.id, { ...device })
    this.#byToken.set(device.tokenHash, device.id)
  }

  async deviceByToken(tokenHash: string): Promise<StoredDevice | undefined> {
    const device = this.#devices.get(this.#byToken.get(tokenHash) ?? '')
    return device && { ...device }
  }

  async devices(user: string): Promise<StoredDevice[]> {
    const devices = [...this.#devices.values()].filter((device) => device.user === user)
    return devices.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)).map((device) => ({ ...device }))
  }

  async removeDevices(user: string, devices: readonly string[]): Promise<void> {
    for (const id of devices) {
      const device = this.#devices.get(id)
      if (device?.user === user) this.#forget(device)
    }
  }

  async seen(devices: readonly { id: string; at: number }[]): Promise<void> {
    for (const { id, at } of devices) {
      const device = this.#devices.get(id)
      if (device) device.lastSeenAt = Math.max(device.lastSeenAt, at)
    }
  }

  async block(blocker: string, blocked: string): Promise<void> {
    const blocks = this.#blocks.get(blocker) ?? new Set()
    this.#blocks.set(blocker, blocks.add(blocked))
  }

  async unblock(blocker: string, blocked: string): Promise<void> {
    this.#blocks.get(blocker)?.delete(blocked)
  }

  async blocks(user: string): Promise<string[]> {
    return [...(this.#blocks.get(user) ?? [])]
  }

  async importAll(rows: readonly { account: Account; device: StoredDevice }[]): Promise<void> {
    for (const { account, device } of rows) {
      if (await this.create(account)) await this.addDevice(device)
    }
  }

  #forget({ id, tokenHash }: StoredDevice): void {
    this.#devices.delete(id)
    this.#byToken.delete(tokenHash)
  }
}
