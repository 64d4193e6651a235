import type { DeviceRegistry } from '../accounts/device-registry.ts'
import type { Directory } from '../accounts/directory.ts'
import type { Revocation } from '../accounts/revocation-log.ts'
import type { Coordinator, NodeInfo } from '../cluster/coordinator.ts'
import { Members } from '../cluster/members.ts'
import { isDirectId } from '../conversations/direct-id.ts'
import { ClusterRouter } from '../delivery/cluster-router.ts'
import { Healing } from '../delivery/healing.ts'
import type { Hub } from '../delivery/hub.ts'
import type { LinkTransport } from '../delivery/link-transport.ts'
import { Links } from '../delivery/links.ts'
import { NodeCalls } from '../delivery/node-calls.ts'
import { linkTopic } from '../delivery/node-link.ts'
import { Registrations } from '../delivery/registrations.ts'
import { LocalRouter } from '../delivery/router.ts'
import { type Nodes, Routes } from '../delivery/routes.ts'
import type { SessionRegistry } from '../delivery/session-registry.ts'
import { TakeOver } from '../gateway/take-over.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { Random } from '../lib/random.ts'
import { Contention } from '../log/contention.ts'
import type { Entry } from '../log/entry.ts'
import { entriesOf, eventCodec } from '../log/event-codec.ts'
import { SharedProgress } from '../messages/index-progress.ts'
import { ClusterPresence } from '../presence/cluster-presence.ts'
import type { PresenceStore } from '../presence/presence-store.ts'

/** What a node needs besides to be one of several. */
export interface ClusterOptions {
  /** This life of the process. */
  id: string
  roles: readonly string[]
  /** Where other nodes reach it; asked once it listens. */
  link: () => string
  coordinator: Coordinator
  sessions: SessionRegistry
  transport: LinkTransport
}

interface SharedServices {
  devices: DeviceRegistry
  directory: Directory
  /** Registrations that are at hand. */
  pushes: { forget(user: string): void }
}

const appends = ({ roles }: NodeInfo): boolean => roles.includes('chat') || roles.includes('api')

const revokedTopic = linkTopic<Revocation>('revoked')
const accountTopic = linkTopic<string>('account-changed')

const announceTime = 1000
/** In a cluster larger than this nobody is looked for everywhere while the registry is away. */
const fewNodes = 8
const lookUpSize = 500

/** This node's part in the cluster: who else there is, and the ways to them. */
export class Cluster {
  readonly links
  readonly calls
  readonly members
  readonly router
  readonly presence
  readonly takeOver
  readonly contention
  readonly indexProgress
  readonly pushProgress
  readonly #options
  readonly #publicUrl
  readonly #hub
  readonly #clock
  readonly #logger
  readonly #follow
  readonly #registrations
  readonly #routes
  #draining = false
  #withdrawn = false
  #told = ''
  #ticker: Timer | undefined
  #unwatch: (() => void) | undefined

  constructor(deps: {
    options: ClusterOptions
    publicUrl: () => string
    hub: Hub
    presence: PresenceStore
    clock: Clock
    random: Random
    logger: Logger
    /** Told of the entries that come from other nodes. */
    arrived: (entries: readonly Entry[]) => void
  }) {
    const { options, hub, clock, random, logger } = deps
    const { id: self, coordinator, sessions, transport } = options
    this.#options = options
    this.#publicUrl = deps.publicUrl
    this.#hub = hub
    this.#clock = clock
    this.#logger = logger
    this.#follow = deps.arrived
    this.links = new Links({ self, transport, clock, random, logger })
    this.calls = new NodeCalls(this.links, clock)
    this.members = new Members(
      () => this.info(),
      coordinator,
      (node) => this.links.isUp(node),
    )
    this.contention = new Contention(clock)
    this.takeOver = new TakeOver(this.links, hub, clock)
    this.#routes = new Routes({
      lookUp: (users) => this.#lookUp(sessions, users),
      unknown: () => (this.links.linked.length <= fewNodes ? this.links.linked : []),
      clock,
    })
    this.router = new ClusterRouter({
      local: new LocalRouter(hub),
      link: this.links,
      routes: this.#routes,
      codec: eventCodec,
      clock,
      arrived: (events, from) => this.#arrived(entriesOf(events), from),
    })
    const isAlive = (node: string): boolean => this.members.isAlive(node)
    this.presence = new ClusterPresence({ self, store: deps.presence, link: this.links, isAlive, clock, logger })
    const tellOthers = (users: readonly string[]): void => this.router.forget(users)
    this.#registrations = new Registrations({ self, registry: sessions, hub, tellOthers, clock, logger })
    const healing = new Healing(hub, clock)
    const refresh = (): void => this.members.refresh()
    this.links.watch({ missed: () => healing.heal(), up: refresh, down: refresh })
    const others = (): string[] => this.members.others.filter(appends).map((node) => node.id)
    const { links: link } = this
    this.indexProgress = new SharedProgress({ what: 'indexed', link, others, leads: () => this.leads('search'), clock })
    this.pushProgress = new SharedProgress({ what: 'notified', link, others, leads: () => this.leads('push'), clock })
    this.members.onGone((node) => {
      this.presence.gone(node)
      this.indexProgress.gone(node)
      this.pushProgress.gone(node)
    })
  }

  info(): NodeInfo {
    const { id, roles, link } = this.#options
    const draining = this.#draining || this.#withdrawn
    return { id, url: this.#publicUrl(), link: link(), roles, sessions: this.#hub.size, draining }
  }

  /**
   * The other node that sends of this conversation go to. Where two write to each other seldom, a way over another node
   * costs more than looking at what the other did: only lively talks go to one node of the two, and groups.
   */
  laneOf(conversation: string): string | undefined {
    if (!isDirectId(conversation)) return this.members.laneOf(conversation)
    const contended = this.contention.use(conversation)
    return contended && this.members.laneOf(conversation, contended.rival)
  }

  #arrived(entries: readonly Entry[], from: string): void {
    const [first] = entries
    if (first && isDirectId(first.conversation)) this.contention.followed(first.conversation, from)
    this.#follow(entries)
  }

  /** True while this node surely is the one that does this for all. */
  leads(task: 'janitor' | 'search' | 'push'): boolean {
    const { roles, coordinator } = this.#options
    return roles.includes('janitor') && coordinator.leads(task)
  }

  /** The ids of all nodes that are alive. */
  live(): ReadonlySet<string> {
    return new Set([this.#options.id, ...this.members.others.map(({ id }) => id)])
  }

  onGone(listener: (node: string) => void): void {
    this.members.onGone(listener)
  }

  /** Accounts and devices that are changed through one node are told to the others. */
  share({ devices, directory, pushes }: SharedServices): void {
    devices.listen({
      revoked: (revocation, where) => where === 'here' && this.links.broadcast(revokedTopic, revocation),
    })
    this.links.listen(revokedTopic, (revocation) => devices.revoked(revocation))
    directory.onChanged((user) => this.links.broadcast(accountTopic, user))
    this.links.listen(accountTopic, (user) => {
      directory.forget(user)
      pushes.forget(user)
    })
  }

  /** Those of `users` who have sessions at other nodes. */
  elsewhereOf(users: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#routes.elsewhere(users)
  }

  /** Joins: from now on others send what is for the users of this node. Called once it listens. */
  async start(): Promise<void> {
    const { coordinator } = this.#options
    this.#hub.listen(this.#registrations)
    for (const user of this.#hub.users()) this.#registrations.came(user)
    this.#registrations.start()
    const refresh = (): void => {
      this.links.setPeers(coordinator.nodes())
      this.members.refresh()
    }
    this.#unwatch = coordinator.onChange(refresh)
    refresh()
    await this.#announce()
    this.#ticker = this.#clock.every(announceTime, () => void this.#announce())
  }

  /** No new sessions come here any more, and no sends of others. */
  async drain(): Promise<void> {
    this.#draining = true
    this.members.refresh()
    await this.#announce()
  }

  /** As `drain`, until it is taken back. */
  async withdraw(withdrawn: boolean): Promise<void> {
    this.#withdrawn = withdrawn
    this.members.refresh()
    await this.#announce()
  }

  /** Where a client of this node goes when it leaves. */
  elsewhere(user: string): string | undefined {
    return this.members.allocate(user, undefined, this.#options.id)?.url
  }

  /** Leaves, once nobody is here any more. */
  async stop(): Promise<void> {
    this.#ticker?.cancel()
    this.#unwatch?.()
    await Promise.all([this.#registrations.close(), this.presence.close()])
    this.calls.close()
    this.links.close()
  }

  async #announce(): Promise<void> {
    const info = this.info()
    const said = JSON.stringify(info)
    if (said === this.#told) return
    this.#told = said
    try {
      await this.#options.coordinator.announce(info)
    } catch (error) {
      // The coordinator tells it itself once it can.
      this.#logger.warn({ error }, 'the cluster does not know this node yet')
    }
  }

  async #lookUp(sessions: SessionRegistry, users: readonly string[]): Promise<ReadonlyMap<string, Nodes>> {
    const found = new Map<string, Nodes>()
    for (let start = 0; start < users.length; start += lookUpSize) {
      for (const [user, nodes] of await sessions.nodesOf(users.slice(start, start + lookUpSize))) {
        found.set(
          user,
          nodes.filter((node) => node !== this.#options.id),
        )
      }
    }
    return found
  }
}
