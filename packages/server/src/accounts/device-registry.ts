import { hash } from 'node:crypto'
import { type Device, type DeviceId, limits, type UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { notFound } from '../lib/errors.ts'
import { Lru } from '../lib/lru.ts'
import { type Random, randomToken } from '../lib/random.ts'
import type { DeviceStore, StoredDevice } from './device-store.ts'
import type { Identity } from './identity.ts'
import { LastSeen } from './last-seen.ts'
import { Remembered } from './remembered.ts'
import type { Revocation, RevocationReason } from './revocation-log.ts'

export interface DeviceListener {
  /** The device may do nothing from now on. `elsewhere`: another node was asked to; it may be told again. */
  revoked?(revocation: Revocation, where: 'here' | 'elsewhere'): void
  /** For the user's other devices; told by the node that was asked. */
  changed?(user: UserId, change: { added?: DeviceId; removed?: DeviceId; at: number }): void
}

const remembered = 100_000
const unsureUsers = 1000

export const hashToken = (token: string): string => hash('sha256', token, 'hex')

/** A user's devices and their tokens. Tokens are opaque, 256 bits, stored hashed. */
export class DeviceRegistry {
  readonly #store
  readonly #clock
  readonly #random
  readonly #nextId
  readonly #connected
  readonly #seen
  readonly #listeners: DeviceListener[] = []
  readonly #byToken
  /** Devices whose removal had no answer, by user: asking again tells of it, though the store has them no more. */
  #unsure = new Lru<UserId, readonly StoredDevice[]>(unsureUsers)

  /** `connected`: devices of a user that are seen right now. */
  constructor(deps: {
    store: DeviceStore
    clock: Clock
    random: Random
    nextId: () => Promise<string>
    connected: (user: UserId) => readonly DeviceId[]
  }) {
    this.#store = deps.store
    this.#clock = deps.clock
    this.#random = deps.random
    this.#nextId = deps.nextId
    this.#connected = deps.connected
    this.#byToken = new Remembered<string, Identity>(remembered, deps.clock)
    this.#seen = new LastSeen(deps.store, deps.clock)
  }

  listen(listener: DeviceListener): void {
    this.#listeners.push(listener)
  }

  /** Answers at once for a token that was used lately. Never answers with a device whose removal was told. */
  authenticate(token: string): Identity | undefined | Promise<Identity | undefined> {
    const tokenHash = hashToken(token)
    const known = this.#byToken.get(tokenHash)
    if (!known) return this.#find(tokenHash)
    this.#seen.note(known)
    return known
  }

  async exists({ user, device }: Identity): Promise<boolean> {
    return (await this.#store.of(user)).some(({ id }) => id === device)
  }

  /** Somebody uses this device. Cheap: it is stored at most once a minute. */
  noteSeen(identity: Identity): void {
    this.#seen.note(identity)
  }

  async make(
    user: UserId,
    input: { name: string; platform?: string | undefined },
  ): Promise<{ device: StoredDevice; token: string }> {
    const id = await this.#nextId()
    const token = randomToken(this.#random, 32)
    const now = this.#clock.now()
    const { name, platform } = input
    return { token, device: { id, user, tokenHash: hashToken(token), name, platform, createdAt: now, lastSeenAt: now } }
  }

  /**
   * Adds a device; beyond the tenth the one unseen longest goes (rule C5). `allowed` is asked once it is stored: false
   * when what let it in is so no more, and nothing was added.
   */
  async add(device: StoredDevice, allowed: () => Promise<boolean>): Promise<boolean> {
    const { user, id } = device
    let added = false
    try {
      await this.#store.add(device)
      added = await allowed()
      if (added) await this.#makeRoom(device)
    } catch (error) {
      // Nobody will ever have its token.
      await this.#store.remove(user, [id], 'logged_out').catch(() => {})
      throw error
    }
    if (!added) await this.#store.remove(user, [id], 'logged_out')
    return added
  }

  /** First devices of new accounts. */
  addAll(devices: readonly StoredDevice[]): Promise<void> {
    return this.#store.addAll(devices)
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
    const found = (await this.#removable(user)).find(({ id }) => id === device)
    if (!found) throw notFound('device')
    await this.#revoke(user, [found], 'logged_out')
  }

  async removeAll(user: UserId, reason: RevocationReason, except?: DeviceId): Promise<void> {
    const devices = (await this.#removable(user)).filter(({ id }) => id !== except)
    await this.#revoke(user, devices, reason)
  }

  /** Another node was asked to revoke it. */
  revoked(revocation: Revocation): void {
    this.#byToken.drop(revocation.tokenHash)
    for (const listener of this.#listeners) listener.revoked?.(revocation, 'elsewhere')
  }

  /** Any device may have been revoked: every token is looked up again. */
  forgetTokens(): void {
    this.#byToken.clear()
  }

  flush(): Promise<void> {
    return this.#seen.flush()
  }

  async #makeRoom({ user, id }: StoredDevice): Promise<void> {
    const others = (await this.#current(user)).filter((other) => other.id !== id)
    others.sort((a, b) => a.lastSeenAt - b.lastSeenAt)
    await this.#revoke(user, others.slice(0, Math.max(0, others.length + 1 - limits.devices)), 'logged_out')
    if (others.length > 0) this.#tell(user, { added: id })
  }

  async #find(tokenHash: string): Promise<Identity | undefined> {
    for (;;) {
      const { asOf } = this.#byToken
      const device = await this.#store.byToken(tokenHash)
      if (!device) return undefined
      const identity = { user: device.user, device: device.id }
      // Something was removed while this was read: it may have been this.
      if (!this.#byToken.keep(asOf, tokenHash, identity)) continue
      this.#seen.note(identity, device.lastSeenAt)
      return identity
    }
  }

  async #current(user: UserId): Promise<StoredDevice[]> {
    const connected = new Set(this.#connected(user))
    const now = this.#clock.now()
    return (await this.#store.of(user)).map((device) => {
      const noted = connected.has(device.id) ? now : this.#seen.of(device.id)
      return { ...device, lastSeenAt: Math.max(device.lastSeenAt, noted) }
    })
  }

  async #removable(user: UserId): Promise<StoredDevice[]> {
    const stored = await this.#store.of(user)
    return [...stored, ...without(this.#unsure.get(user), stored)]
  }

  async #revoke(user: UserId, devices: readonly StoredDevice[], reason: RevocationReason): Promise<void> {
    if (devices.length === 0) return
    const ids = devices.map(({ id }) => id)
    try {
      await this.#store.remove(user, ids, reason)
    } catch (error) {
      this.#unsure.set(user, [...without(this.#unsure.get(user), devices), ...devices])
      throw error
    } finally {
      for (const { tokenHash } of devices) this.#byToken.drop(tokenHash)
    }
    const unsure = this.#unsure.get(user)
    if (unsure) this.#unsure.set(user, without(unsure, devices))
    for (const { id, tokenHash } of devices) {
      const revocation = { user, device: id, tokenHash, reason }
      for (const listener of this.#listeners) listener.revoked?.(revocation, 'here')
      if (reason === 'logged_out') this.#tell(user, { removed: id })
    }
  }

  #tell(user: UserId, change: { added?: DeviceId; removed?: DeviceId }): void {
    for (const listener of this.#listeners) listener.changed?.(user, { ...change, at: this.#clock.now() })
  }
}

function without(devices: readonly StoredDevice[] = [], others: readonly StoredDevice[]): StoredDevice[] {
  return devices.filter(({ id }) => others.every((other) => other.id !== id))
}
