import type { DeviceId, UserId } from '@parley/protocol'
import type { Account } from '../../accounts/account-store.ts'
import type { StoredDevice } from '../../accounts/device-store.ts'
import type { Revocation, RevocationReason } from '../../accounts/revocation-log.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'

/** What the stores of the user service share, for tests and simulations. */
export class MemoryUsers {
  readonly accounts = new Map<UserId, Account>()
  /** Whose a username is, or was. */
  readonly usernames = new Map<string, UserId>()
  readonly devices = new Map<DeviceId, StoredDevice>()
  readonly tokens = new Map<string, DeviceId>()
  readonly blocks = new Map<UserId, Set<UserId>>()
  /** Oldest first, each with its number. */
  revocations: { number: number; at: number; revocation: Revocation }[] = []
  revoked = 0
  readonly clock

  constructor(clock: Clock = systemClock) {
    this.clock = clock
  }

  isErased(user: UserId): boolean {
    return this.accounts.get(user)?.deletedAt !== undefined
  }

  devicesOf(user: UserId): StoredDevice[] {
    return [...this.devices.values()].filter((device) => device.user === user)
  }

  revoke({ id, user, tokenHash }: StoredDevice, reason: RevocationReason): void {
    this.devices.delete(id)
    this.tokens.delete(tokenHash)
    const revocation = { user, device: id, tokenHash, reason }
    this.revocations.push({ number: ++this.revoked, at: this.clock.now(), revocation })
  }
}
