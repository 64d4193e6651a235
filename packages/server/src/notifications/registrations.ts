import type { DeviceId, PushRegistration, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import { Remembered } from '../accounts/remembered.ts'
import type { Clock } from '../lib/clock.ts'
import type { PushQueue } from './push-queue.ts'
import type { RegistrationStore, StoredRegistration } from './registration-store.ts'

const remembered = 100_000

/** Which devices of whom are to be notified, at hand for `time` ms where other nodes change it too. */
export class Registrations {
  readonly #store
  readonly #queue
  readonly #known
  readonly #listeners: ((identity: Identity) => void)[] = []
  readonly #shared
  /** This node is alone, and nobody has registered anything. */
  #none = false

  constructor(deps: { store: RegistrationStore; queue: PushQueue; clock: Clock; time?: number | undefined }) {
    this.#store = deps.store
    this.#queue = deps.queue
    this.#shared = deps.time !== undefined
    this.#known = new Remembered<UserId, readonly StoredRegistration[]>(remembered, deps.clock, deps.time)
  }

  /** True: there is nobody to notify. */
  get none(): boolean {
    return this.#none
  }

  /** Told of devices that were registered with this node. */
  onSet(listener: (identity: Identity) => void): void {
    this.#listeners.push(listener)
  }

  async start(): Promise<void> {
    if (!this.#shared) this.#none = !(await this.#store.any())
  }

  /** @returns false when it was there before, whatever it was */
  async set({ user, device }: Identity, registration: PushRegistration): Promise<boolean> {
    this.#none = false
    const before = (await this.of([user])).get(user)?.some((known) => known.device === device)
    try {
      await this.#store.set({ user, device, registration })
    } finally {
      this.#known.drop(user)
    }
    for (const listener of this.#listeners) listener({ user, device })
    return before !== true
  }

  /** `only`: unless it was replaced meanwhile. */
  async remove(user: UserId, device: DeviceId, only?: PushRegistration): Promise<void> {
    try {
      await this.#store.remove(user, device, only)
    } finally {
      this.#known.drop(user)
    }
    await this.#queue.forget(user, device)
  }

  /** What other nodes changed, or a device that was logged out. */
  forget(user: UserId): void {
    this.#known.drop(user)
  }

  /** Those that have none are left out. */
  async of(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly StoredRegistration[]>> {
    const found = new Map<UserId, readonly StoredRegistration[]>()
    const missing: UserId[] = []
    for (const user of users) {
      const known = this.#known.get(user)
      if (known === undefined) missing.push(user)
      else if (known.length > 0) found.set(user, known)
    }
    if (missing.length === 0) return found
    const { asOf } = this.#known
    const byUser = new Map<UserId, StoredRegistration[]>(missing.map((user) => [user, []]))
    for (const one of await this.#store.of(missing)) byUser.get(one.user)?.push(one)
    for (const [user, registrations] of byUser) {
      this.#known.keep(asOf, user, registrations)
      if (registrations.length > 0) found.set(user, registrations)
    }
    return found
  }
}
