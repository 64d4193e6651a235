import { hash } from 'node:crypto'
import { type Device, type DeviceId, limits, type UserId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import { notFound } from '../lib/errors.ts'
import { Lru } from '../lib/lru.ts'
import { type Random, randomToken } from '../lib/random.ts'
import type { AccountStore, StoredDevice } from './account-store.ts'
import type { Identity } from './identity.ts'

export type RevocationReason = 'logged_out' | 'account_deleted'

export interface DeviceListener {
  /** The device may do nothing from now on. */
  revoked(identity: Identity, reason: RevocationReason): void
  /** For the user's other devices. */
  changed(user: UserId, change: { added?: DeviceId; removed?: DeviceId; at: number }): void
}

const remembered = 100_000
const seenPeriod = 60_000

export const hashToken = (token: string): string => hash('sha256', token, 'hex')

/** A user's devices and their tokens. Tokens are opaque, 256 bits, stored hashed. */
export class DeviceRegistry {
  readonly #store
  readonly #clock
  readonly #random
  readonly #nextId
  readonly #listeners: DeviceListener[] = []
  #byToken = new Lru<string, StoredDevice>(remembered)
  #seen = new Map<DeviceId, { id: DeviceId; user: UserId; at: number }>()
  #timer: Timer | undefined

  constructor(deps: { store: AccountStore; clock: Clock; random: Random; nextId: () => string }) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#random = deps.random
    this.#nextId = deps.nextId
  }

  listen(listener: DeviceListener): void {
    this.#listeners.push(listener)
  }

  /** Answers at once for a token that was used lately. */
  authenticate(token: string): Identity | undefined | Promise<Identity | undefined> {
    const tokenHash = hashToken(token)
    const known = this.#byToken.get(tokenHash)
    if (known) return this.#touch(known)
    return this.#store.deviceByToken(tokenHash).then((device) => {
      if (!device) return undefined
      this.#byToken.set(tokenHash, device)
      return this.#touch(device)
    })
  }

  async exists({ user, device }: Identity): Promise<boolean> {
    return (await this.#store.devices(user)).some(({ id }) => id === device)
  }

  make(user: UserId, input: { name: string; platform?: string | undefined }): { device: StoredDevice; token: string } {
    const token = randomToken(this.#random, 32)
    const now = this.#clock.now()
    const { name, platform } = input
    const id = this.#nextId()
    return { token, device: { id, user, tokenHash: hashToken(token), name, platform, createdAt: now, lastSeenAt: now } }
  }

  /** Adds a device; beyond the tenth the one unseen longest goes (rule C5). */
  async add(device: StoredDevice): Promise<void> {
    const { user } = device
    await this.#store.addDevice(device)
    const others = (await this.#current(user)).filter(({ id }) => id !== device.id)
    others.sort((a, b) => a.lastSeenAt - b.lastSeenAt)
    await this.#revoke(user, others.slice(0, Math.max(0, others.length + 1 - limits.devices)), 'logged_out')
    if (others.length > 0) this.#tell(user, { added: device.id })
  }

  async list(user: UserId, current: DeviceId, newest: ReadonlyMap<DeviceId, string>): Promise<Device[]> {
    const devices = await this.#current(user)
    return devices.map(({ id, name, platform, createdAt, lastSeenAt }) => ({
      id,
      name,
      ...(platform === undefined ? {} : { platform }),
      createdAt,
      lastSeenAt,
      ...(newest.has(id) ? { lastSeenMessageId: newest.get(id) as string } : {}),
      current: id === current,
    }))
  }

  async remove(user: UserId, device: DeviceId): Promise<void> {
    const found = (await this.#store.devices(user)).find(({ id }) => id === device)
    if (!found) throw notFound('device')
    await this.#revoke(user, [found], 'logged_out')
  }

  async removeAll(user: UserId, reason: RevocationReason, except?: DeviceId): Promise<void> {
    const devices = (await this.#store.devices(user)).filter(({ id }) => id !== except)
    await this.#revoke(user, devices, reason)
  }

  async flush(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    const seen = [...this.#seen.values()]
    this.#seen.clear()
    if (seen.length > 0) await this.#store.seen(seen)
  }

  async #current(user: UserId): Promise<StoredDevice[]> {
    const devices = await this.#store.devices(user)
    return devices.map((device) => ({
      ...device,
      lastSeenAt: Math.max(device.lastSeenAt, this.#seen.get(device.id)?.at ?? 0),
    }))
  }

  async #revoke(user: UserId, devices: readonly StoredDevice[], reason: RevocationReason): Promise<void> {
    if (devices.length === 0) return
    await this.#store.removeDevices(
      user,
      devices.map(({ id }) => id),
    )
    for (const { id, tokenHash } of devices) {
      this.#byToken.delete(tokenHash)
      this.#seen.delete(id)
      for (const listener of this.#listeners) listener.revoked({ user, device: id }, reason)
      if (reason === 'logged_out') this.#tell(user, { removed: id })
    }
  }

  #tell(user: UserId, change: { added?: DeviceId; removed?: DeviceId }): void {
    for (const listener of this.#listeners) listener.changed(user, { ...change, at: this.#clock.now() })
  }

  #touch(device: StoredDevice): Identity {
    const { id, user } = device
    const now = this.#clock.now()
    if (now - device.lastSeenAt >= seenPeriod) {
      device.lastSeenAt = now
      this.#seen.set(id, { id, user, at: now })
      this.#timer ??= this.#clock.after(1000, () => void this.flush().catch(() => {}))
    }
    return { user, device: id }
  }
}
