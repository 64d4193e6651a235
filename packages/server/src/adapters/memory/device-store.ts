import type { DeviceId, UserId } from '@parley/protocol'
import type { DeviceStore, StoredDevice } from '../../accounts/device-store.ts'
import type { RevocationReason } from '../../accounts/revocation-log.ts'
import { MemoryUsers } from './users.ts'

export class MemoryDeviceStore implements DeviceStore {
  readonly #users

  constructor(users = new MemoryUsers()) {
    this.#users = users
  }

  async add(device: StoredDevice): Promise<void> {
    if (this.#users.isErased(device.user)) return
    this.#users.devices.set(device.id, { ...device })
    this.#users.tokens.set(device.tokenHash, device.id)
  }

  async addAll(devices: readonly StoredDevice[]): Promise<void> {
    for (const device of devices) await this.add(device)
  }

  async byToken(tokenHash: string): Promise<StoredDevice | undefined> {
    const device = this.#users.devices.get(this.#users.tokens.get(tokenHash) ?? '')
    return device && { ...device }
  }

  async of(user: UserId): Promise<StoredDevice[]> {
    const devices = this.#users.devicesOf(user)
    return devices.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)).map((device) => ({ ...device }))
  }

  async remove(user: UserId, devices: readonly DeviceId[], reason: RevocationReason): Promise<void> {
    for (const id of devices) {
      const device = this.#users.devices.get(id)
      if (device?.user === user) this.#users.revoke(device, reason)
    }
  }

  async seen(devices: readonly { id: DeviceId; user: UserId; at: number }[]): Promise<void> {
    for (const { id, user, at } of devices) {
      const device = this.#users.devices.get(id)
      if (device?.user === user) device.lastSeenAt = Math.max(device.lastSeenAt, at)
    }
  }
}
