import type { UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

const remembered = 100_000
/** Milliseconds for which a route is believed; then it is looked up again while it is still used, up to twice as long. */
const believed = 30_000
/** Milliseconds until the registry is asked again for a user after it did not answer. */
const believedBlindly = 1000
/** So many deliveries wait for one look-up; the rest is left to be healed. */
const waitingCapacity = 10_000

export type Nodes = readonly string[]

/** A question to the registry that is under way. */
export interface Lookup {
  users: Set<UserId>
  waiting: ((found: ReadonlyMap<UserId, Nodes>) => void)[]
}

interface Route {
  nodes: Nodes
  /** By `clock.monotonic()`. */
  until: number
}

/**
 * Which other nodes hold sessions of a user, as the registry said lately. What was asked before a user's route was
 * forgotten is not kept. Users asked for in one turn are looked up together.
 */
export class Routes {
  readonly #lookUp
  readonly #unknown
  readonly #clock
  #known = new Lru<UserId, Route>(remembered)
  #asking = new Map<UserId, Lookup>()
  #next: Lookup | undefined

  constructor(deps: {
    lookUp: (users: readonly UserId[]) => Promise<ReadonlyMap<UserId, Nodes>>
    /** Where to try when the registry does not answer. */
    unknown: () => Nodes
    clock: Clock
  }) {
    this.#lookUp = deps.lookUp
    this.#unknown = deps.unknown
    this.#clock = deps.clock
  }

  /** `now` by `clock.monotonic()`. */
  of(user: UserId, now: number): Nodes | Lookup {
    const route = this.#known.get(user)
    if (!route || now > route.until + believed) return this.#ask(user)
    if (now > route.until) this.#ask(user)
    return route.nodes
  }

  /** Calls `run` when it is answered; those that wait for one look-up are called in order. */
  whenFound(lookup: Lookup, run: Lookup['waiting'][number]): void {
    if (lookup.waiting.length < waitingCapacity) lookup.waiting.push(run)
  }

  /** Those of `users` who have sessions at other nodes, as far as it can be known. */
  async elsewhere(users: readonly UserId[]): Promise<ReadonlySet<UserId>> {
    const now = this.#clock.monotonic()
    const there = new Set<UserId>()
    const note = (user: UserId, nodes: Nodes = none): void => {
      if (nodes.length > 0) there.add(user)
    }
    const lookups = new Map<Lookup, UserId[]>()
    for (const user of users) {
      const found = this.of(user, now)
      if (!('waiting' in found)) note(user, found)
      else lookups.set(found, [...(lookups.get(found) ?? []), user])
    }
    await Promise.all(
      [...lookups].map(
        ([lookup, asked]) =>
          new Promise<void>((resolve) => {
            if (lookup.waiting.length >= waitingCapacity) return resolve()
            this.whenFound(lookup, (found) => {
              for (const user of asked) note(user, found.get(user))
              resolve()
            })
          }),
      ),
    )
    return there
  }

  forget(users: readonly UserId[]): void {
    for (const user of users) {
      this.#known.delete(user)
      this.#asking.delete(user)
    }
  }

  /** What others told of changes may have been missed. */
  clear(): void {
    this.#known.clear()
    this.#asking.clear()
  }

  #ask(user: UserId): Lookup {
    const underWay = this.#asking.get(user)
    if (underWay) return underWay
    let next = this.#next
    if (!next) {
      next = { users: new Set(), waiting: [] }
      this.#next = next
      this.#clock.soon(() => void this.#askNow())
    }
    next.users.add(user)
    this.#asking.set(user, next)
    return next
  }

  async #askNow(): Promise<void> {
    const lookup = this.#next
    this.#next = undefined
    if (!lookup) return
    const users = [...lookup.users]
    let found: ReadonlyMap<UserId, Nodes>
    let trust = believed
    try {
      found = await this.#lookUp(users)
    } catch {
      const everywhere = this.#unknown()
      found = new Map(users.map((user) => [user, everywhere]))
      trust = believedBlindly
    }
    const until = this.#clock.monotonic() + trust
    for (const user of users) {
      if (this.#asking.get(user) !== lookup) continue
      this.#asking.delete(user)
      this.#known.set(user, { nodes: found.get(user) ?? none, until })
    }
    for (const run of lookup.waiting) run(found)
  }
}

const none: Nodes = []
