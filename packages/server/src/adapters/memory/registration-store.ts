import { isDeepStrictEqual } from 'node:util'
import type { DeviceId, PushRegistration, UserId } from '@parley/protocol'
import type { RegistrationStore, StoredRegistration } from '../../notifications/registration-store.ts'
import type { MemoryUsers } from './users.ts'

export class MemoryRegistrationStore implements RegistrationStore {
  readonly #users
  #byUser = new Map<UserId, Map<DeviceId, StoredRegistration>>()

  constructor(users: MemoryUsers) {
    this.#users = users
  }

  async set(stored: StoredRegistration): Promise<void> {
    let devices = this.#byUser.get(stored.user)
    if (!devices) {
      devices = new Map()
      this.#byUser.set(stored.user, devices)
    }
    devices.set(stored.device, stored)
  }

  async remove(user: UserId, device: DeviceId, only?: PushRegistration): Promise<void> {
    const devices = this.#byUser.get(user)
    const stored = devices?.get(device)
    if (!devices || !stored || (only && !isDeepStrictEqual(stored.registration, only))) return
    devices.delete(device)
    if (devices.size === 0) this.#byUser.delete(user)
  }

  async of(users: readonly UserId[]): Promise<StoredRegistration[]> {
    return users.flatMap((user) =>
      [...(this.#byUser.get(user)?.values() ?? [])].filter(({ device }) => this.#users.devices.has(device)),
    )
  }

  async any(): Promise<boolean> {
    return this.#byUser.size > 0
  }
}
