import type { UserId } from '@parley/protocol'
import { linkTopic, type NodeLink } from '../delivery/node-link.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import { Lru } from '../lib/lru.ts'
import type { Elsewhere, PresentStatus, StatusElsewhere } from './elsewhere.ts'
import type { NodeStatus, PresenceStore } from './presence-store.ts'

type Said = PresentStatus | 'offline'

const saidTopic = linkTopic<[user: UserId, status: Said][]>('presence', 'transient')

/** Milliseconds for which changes are gathered. */
const gatherTime = 1000
const retryTime = 5000
const partSize = 500
const step = 1000
/** In so many steps everything is said once more: well before it is believed no more. */
const renewalSteps = 60
/** Milliseconds in which those come back whose node is gone, before they are told to be offline (rule K1). */
const graceTime = 10_000
const kept = 50_000
/** Milliseconds for which what the store said is kept, with what nodes said since. */
const believed = 30_000

interface Known {
  until: number
  /** Of `#losses` when it was read. */
  losses: number
  nodes: NodeStatus[]
}

/**
 * Presence between nodes: each says what its own sessions show. It stands in the store for those who ask first, and goes
 * over the links to those who watch.
 */
export class ClusterPresence implements Elsewhere {
  readonly #deps
  /** What this node says, of everybody who is not offline here. */
  #own = new Map<UserId, Said>()
  #changed = new Set<UserId>()
  #timer: Timer | undefined
  #saving: Promise<void> = Promise.resolve()
  #known = new Lru<UserId, Known>(kept)
  /** How often something that nodes said may have been missed. */
  #losses = 0
  /** Users who are looked up in the store now; one of whom something was said meanwhile is taken out. */
  #reading = new Map<UserId, object>()
  /** Nodes that are gone since so lately that their users may come back. */
  #leaving = new Set<string>()
  #listener: (user: UserId) => void = () => {}
  #ticker: Timer
  #ticks = 1
  #renewing: UserId[] = []
  #share = 0

  constructor(deps: {
    self: string
    store: Pick<PresenceStore, 'saveStatus' | 'statusOf' | 'dropNode'>
    link: NodeLink
    isAlive: (node: string) => boolean
    clock: Clock
    logger: Logger
  }) {
    this.#deps = deps
    const { link, clock } = deps
    link.listen(saidTopic, (said, from) => {
      for (const [user, status] of said) this.#heard(from, user, status)
    })
    link.watch({ missed: () => this.#losses++ })
    this.#ticker = clock.every(step, () => this.#renew())
  }

  listen(changed: (user: UserId) => void): void {
    this.#listener = changed
  }

  say(user: UserId, status: Said): void {
    if (status === 'offline') this.#own.delete(user)
    else this.#own.set(user, status)
    this.#changed.add(user)
    this.#timer ??= this.#deps.clock.after(gatherTime, () => this.#flush())
  }

  async statusOf(users: readonly UserId[]): Promise<ReadonlyMap<UserId, StatusElsewhere>> {
    const now = this.#deps.clock.monotonic()
    const found = new Map<UserId, readonly NodeStatus[]>()
    const missing: UserId[] = []
    for (const user of users) {
      const known = this.#known.get(user)
      if (known && now < known.until && known.losses === this.#losses) found.set(user, known.nodes)
      else missing.push(user)
    }
    if (missing.length > 0) for (const [user, nodes] of await this.#read(missing)) found.set(user, nodes)
    const statuses = new Map<UserId, StatusElsewhere>()
    for (const [user, nodes] of found) {
      const status = this.#together(nodes)
      if (status) statuses.set(user, status)
    }
    return statuses
  }

  /** A node is in the cluster no more. */
  gone(node: string): void {
    this.#leaving.add(node)
    this.#deps.clock.after(graceTime, () => {
      this.#leaving.delete(node)
      for (const [user, { nodes }] of this.#known.entries()) {
        if (nodes.some((one) => one.node === node)) this.#listener(user)
      }
    })
  }

  /** Nobody is here any more. */
  async close(): Promise<void> {
    this.#ticker.cancel()
    this.#timer?.cancel()
    await this.#saving
    await this.#deps.store.dropNode(this.#deps.self).catch(() => {})
  }

  async #read(users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly NodeStatus[]>> {
    const token = {}
    const losses = this.#losses
    for (const user of users) this.#reading.set(user, token)
    try {
      const found = await this.#deps.store.statusOf(users)
      const until = this.#deps.clock.monotonic() + believed
      for (const user of users) {
        if (this.#reading.get(user) !== token) continue
        this.#known.set(user, { until, losses, nodes: [...(found.get(user) ?? [])] })
      }
      return found
    } finally {
      for (const user of users) if (this.#reading.get(user) === token) this.#reading.delete(user)
    }
  }

  #heard(node: string, user: UserId, status: Said): void {
    this.#reading.delete(user)
    const known = this.#known.get(user)
    if (known) {
      known.nodes = known.nodes.filter((one) => one.node !== node)
      if (status !== 'offline') known.nodes.push({ node, status, at: this.#deps.clock.now() })
    }
    this.#listener(user)
  }

  #together(nodes: readonly NodeStatus[]): StatusElsewhere | undefined {
    const { self, isAlive } = this.#deps
    const others = nodes.filter(({ node }) => node !== self)
    if (others.length === 0) return undefined
    const alive = others.filter(({ node }) => isAlive(node) || this.#leaving.has(node))
    const online = alive.some(({ status }) => status === 'online')
    const at = Math.max(...others.map((one) => one.at))
    return { status: online ? 'online' : alive.length > 0 ? 'away' : undefined, at }
  }

  #flush(): void {
    this.#timer = undefined
    const said = [...this.#changed].map((user): [UserId, Said] => [user, this.#own.get(user) ?? 'offline'])
    this.#changed.clear()
    this.#saving = this.#saving.then(async () => {
      for (let start = 0; start < said.length; start += partSize) {
        const part = said.slice(start, start + partSize)
        // First where those look who ask next, then to those who watch.
        await this.#save(part)
        this.#deps.link.broadcast(saidTopic, part)
      }
    })
  }

  async #save(said: readonly [UserId, Said][]): Promise<void> {
    const { store, self, clock, logger } = this.#deps
    try {
      await store.saveStatus(
        self,
        said.map(([user, status]) => ({ user, status })),
      )
    } catch (error) {
      logger.warn({ error, count: said.length }, 'presence was not saved')
      for (const [user] of said) this.#changed.add(user)
      this.#timer ??= clock.after(retryTime, () => this.#flush())
    }
  }

  #renew(): void {
    if (this.#ticks++ % renewalSteps === 0) {
      this.#renewing = [...this.#own.keys()]
      this.#share = Math.ceil(this.#renewing.length / renewalSteps)
    }
    const statuses = this.#renewing.splice(0, this.#share).flatMap((user) => {
      const status = this.#own.get(user)
      return status ? [{ user, status }] : []
    })
    if (statuses.length === 0) return
    // Once missed is no harm: what is said is believed for several turns.
    this.#saving = this.#saving.then(() => this.#deps.store.saveStatus(this.#deps.self, statuses).catch(() => {}))
  }
}
