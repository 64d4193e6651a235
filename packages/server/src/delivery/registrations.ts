import type { UserId } from '@parley/protocol'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Hub, HubListener } from './hub.ts'
import type { SessionRegistry } from './session-registry.ts'

/** Milliseconds for which changes are gathered. */
const gatherTime = 5
/** Milliseconds for which a user who left stays registered: a client comes back, a poll is asked again. */
const linger = 5000
const step = 1000
/** In so many steps each registration is renewed once: well below the age at which rows are not believed. */
const renewalSteps = 60
const retryTime = 1000
const partSize = 500
/** Milliseconds until a session that opened reads once more: by then hardly anybody sends past it, or nobody. */
const settled = [150, 1000]

/**
 * Tells the registry which users have sessions here: gathered, in order, renewed, tried again until it is known. Others
 * are told to ask anew once it is so.
 */
export class Registrations implements HubListener {
  readonly #self
  readonly #registry
  readonly #hub
  readonly #tellOthers
  readonly #clock
  readonly #logger
  /** What the registry has of this node; `unsure`: it may have it, or not. */
  #registered = new Map<UserId, 'sure' | 'unsure'>()
  #dirty = new Set<UserId>()
  /** When those who left are taken out, by `clock.monotonic()`; the earliest first. */
  #leaving = new Map<UserId, number>()
  #ticks = 1
  #renewing: UserId[] = []
  #share = 0
  #timer: Timer | undefined
  #flushing: Promise<void> | undefined
  #ticker: Timer | undefined
  #closed = false

  constructor(deps: {
    self: string
    registry: Pick<SessionRegistry, 'add' | 'remove' | 'dropNode'>
    hub: Hub
    /** The routes of these users changed. */
    tellOthers: (users: readonly UserId[]) => void
    clock: Clock
    logger: Logger
  }) {
    this.#self = deps.self
    this.#registry = deps.registry
    this.#hub = deps.hub
    this.#tellOthers = deps.tellOthers
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  start(): void {
    this.#ticker ??= this.#clock.every(step, () => this.#tick())
  }

  came(user: UserId): void {
    this.#leaving.delete(user)
    if (this.#registered.get(user) !== 'sure') this.#note(user)
  }

  left(user: UserId): void {
    this.#leaving.delete(user)
    this.#leaving.set(user, this.#clock.monotonic() + linger)
  }

  /** This node holds nobody any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    this.#ticker?.cancel()
    await this.#flushing
    await this.#registry
      .dropNode(this.#self)
      .catch((error) => this.#logger.warn({ error }, 'the session registry still names this node'))
  }

  #note(user: UserId): void {
    this.#dirty.add(user)
    this.#schedule(gatherTime)
  }

  #schedule(delay: number): void {
    if (this.#timer || this.#flushing || this.#closed) return
    this.#timer = this.#clock.after(delay, () => {
      this.#timer = undefined
      this.#flushing = this.#flush().then((delayed) => {
        this.#flushing = undefined
        if (this.#dirty.size > 0) this.#schedule(delayed)
      })
    })
  }

  /** One at a time, by what is so now: so the last word of each user is the right one. @returns when to go on */
  async #flush(): Promise<number> {
    const users = [...this.#dirty].slice(0, partSize)
    for (const user of users) this.#dirty.delete(user)
    const isHere = (user: UserId): boolean => this.#hub.of(user).length > 0 || this.#leaving.has(user)
    const added = users.filter((user) => isHere(user) && this.#registered.get(user) !== 'sure')
    const removed = users.filter((user) => !isHere(user) && this.#registered.has(user))
    for (const user of [...added, ...removed]) this.#registered.set(user, 'unsure')
    try {
      if (added.length > 0) await this.#registry.add(this.#self, added)
      if (removed.length > 0) await this.#registry.remove(this.#self, removed)
    } catch (error) {
      this.#logger.warn({ error }, 'the session registry does not answer')
      for (const user of [...added, ...removed]) this.#dirty.add(user)
      return retryTime
    }
    for (const user of added) this.#registered.set(user, 'sure')
    for (const user of removed) this.#registered.delete(user)
    this.#told(added, removed)
    return gatherTime
  }

  #told(added: readonly UserId[], removed: readonly UserId[]): void {
    if (added.length + removed.length > 0) this.#tellOthers([...added, ...removed])
    if (added.length === 0) return
    for (const delay of settled) {
      this.#clock.after(delay, () => {
        for (const user of added) for (const session of this.#hub.of(user)) session.wake()
      })
    }
  }

  #tick(): void {
    const now = this.#clock.monotonic()
    for (const [user, at] of this.#leaving) {
      if (at > now) break
      this.#leaving.delete(user)
      if (this.#hub.of(user).length === 0) this.#note(user)
    }
    this.#renew()
  }

  /** A part of all, so that all have had their turn within the time. */
  #renew(): void {
    if (this.#ticks++ % renewalSteps === 0) {
      this.#renewing = [...this.#registered.keys()]
      this.#share = Math.ceil(this.#renewing.length / renewalSteps)
    }
    const users = this.#renewing.splice(0, this.#share).filter((user) => this.#registered.get(user) === 'sure')
    for (let start = 0; start < users.length; start += partSize) {
      // Once missed is no harm: rows are believed for several turns.
      this.#registry.add(this.#self, users.slice(start, start + partSize)).catch(() => {})
    }
  }
}
