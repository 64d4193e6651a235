import type { DeviceId, UserId } from '@parley/protocol'
import type { Account } from '../../accounts/account-store.ts'
import type { StoredDevice } from '../../accounts/device-store.ts'

/** What the stores of the user service share, for tests and simulations. */
export class MemoryUsers {
  readonly accounts = new Map<UserId, Account>()
  /** Whose a username is, or was. */
  readonly usernames = new Map<string, UserId>()
  readonly devices = new Map<DeviceId, StoredDevice>()
  readonly tokens = new Map<string, DeviceId>()
  readonly blocks = new Map<UserId, Set<UserId>>()

  isErased(user: UserId): boolean {
    return this.accounts.get(user)?.deletedAt !== undefined
  }

  devicesOf(user: UserId): StoredDevice[] {
    return [...this.devices.values()].filter((device) => device.user === user)
  }

  forget({ id, tokenHash }: StoredDevice): void {
    this.devices.delete(id)
    this.tokens.delete(tokenHash)
  }
}
