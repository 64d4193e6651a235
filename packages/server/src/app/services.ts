import type { StorageUsed } from '@parley/protocol'
import { type Limits, limits as standardLimits } from '@parley/protocol'
import type { AccountService } from '../accounts/account-service.ts'
import type { DeviceRegistry } from '../accounts/device-registry.ts'
import type { Directory } from '../accounts/directory.ts'
import type { PasswordHasher } from '../accounts/passwords.ts'
import type { RevocationLog } from '../accounts/revocation-log.ts'
import type { RevocationWatch } from '../accounts/revocation-watch.ts'
import { Tickets } from '../accounts/tickets.ts'
import type { WorkerLease } from '../cluster/coordinator.ts'
import { Hub } from '../delivery/hub.ts'
import { LocalRouter } from '../delivery/router.ts'
import { FrameLimits, type IsMember } from '../gateway/frame-limits.ts'
import { Gateway } from '../gateway/gateway.ts'
import { type Admission, Greeter } from '../gateway/greeter.ts'
import { AckHandler } from '../gateway/handlers/ack.ts'
import { AmendHandler } from '../gateway/handlers/amend.ts'
import { PresenceHandler } from '../gateway/handlers/presence.ts'
import { ReadHandler } from '../gateway/handlers/read.ts'
import { SendHandler } from '../gateway/handlers/send.ts'
import { Dispatcher } from '../gateway/http/dispatch.ts'
import { mediaRoutes } from '../gateway/http/media.ts'
import type { AnyRoute } from '../gateway/http/route.ts'
import type { Allocation } from '../gateway/http/sync.ts'
import { LongPoll } from '../gateway/long-poll.ts'
import { frameRules } from '../gateway/rate-limits.ts'
import type { Clock } from '../lib/clock.ts'
import { countRefusal, type NodeCounts, newCounts } from '../lib/counts.ts'
import type { Logger } from '../lib/logger.ts'
import type { Random } from '../lib/random.ts'
import { Turns } from '../lib/turns.ts'
import { LogRowExpander } from '../log/row-expander.ts'
import { SnowflakeGenerator } from '../log/snowflake.ts'
import type { TierPolicy } from '../media/tiering.ts'
import { forwardMarks } from '../messages/forward-marks.ts'
import type { Receipts } from '../messages/receipts.ts'
import type { SearchIndexer } from '../messages/search-indexer.ts'
import type { Notifier } from '../notifications/notifier.ts'
import type { PushGaps } from '../notifications/push-gaps.ts'
import type { PushProvider } from '../notifications/push-provider.ts'
import type { Operators } from '../operators/operators.ts'
import type { Traffic } from '../operators/traffic.ts'
import { nowhereElse } from '../presence/elsewhere.ts'
import type { PresenceStore } from '../presence/presence-store.ts'
import { CursorFormat } from '../sync/cursor.ts'
import { DeviceCursors } from '../sync/device-cursors.ts'
import { type AccountPorts, createAccountServices } from './account-services.ts'
import { type AdminPorts, createAdminServices } from './admin-services.ts'
import { Cluster, type ClusterOptions } from './cluster.ts'
import { type ConversationPorts, createConversationServices } from './conversation-services.ts'
import { throughLanes } from './lane-services.ts'
import type { MediaServices } from './media-services.ts'
import { createPresenceServices } from './presence-services.ts'
import { createNotifier, createPushGaps, createPushNoting, type PushNoting, type PushPorts } from './push-services.ts'
import { endRevoked } from './revocation.ts'
import { clientRoutes } from './routes.ts'

/** Pages that catching-up sessions hold in memory together; the store's one reader thread is not faster with more. */
const pagesAtOnce = 16

/** What a node stands on: one adapter per port, and the world outside. */
export interface Ports extends AccountPorts, AdminPorts, ConversationPorts, PushPorts {
  revocations: RevocationLog
  presence: PresenceStore
  lease: WorkerLease
}

export interface ServiceOptions {
  ports: Ports
  clock: Clock
  random: Random
  logger: Logger
  hasher: PasswordHasher
  ticketKey: Uint8Array
  epoch: string
  /** Milliseconds. */
  heartbeat: number
  /** Told as they are (rule C5), those of media too. */
  limits?: Limits
  /** When media are put away; never, unless it is said. */
  mediaTiers?: TierPolicy
  /** What clients reach media by, where that was said. */
  mediaUrl?: string | undefined
  /** What is stored, for operators; nothing is known of it where it is left out. */
  storage?: () => Promise<StorageUsed>
  /** What `POST /v1/connect` answers; asked when a request comes. */
  publicUrl: () => string
  /** Milliseconds for which users are kept at hand, where other nodes change them too. */
  usersKeptFor?: number
  /** undefined: this node is alone. */
  cluster?: ClusterOptions | undefined
}

export interface Services {
  gateway: Gateway
  dispatcher: Dispatcher
  routes: AnyRoute[]
  /** Those that a node of the role `media` serves. */
  mediaRoutes: AnyRoute[]
  accounts: AccountService
  receipts: Receipts
  cursors: DeviceCursors
  devices: DeviceRegistry
  directory: Directory
  /** For a node that is not alone: learns what others revoke, once it is started. */
  watch: RevocationWatch
  /** undefined: this node is alone. */
  cluster: Cluster | undefined
  indexer: SearchIndexer
  /** undefined: this server has none. */
  media: MediaServices | undefined
  limits: Limits
  pushing: PushNoting
  gaps: PushGaps
  /** For nodes that send notifications. `passing`: named points, for tests of promises. */
  notifier(providers: readonly PushProvider[], passing: (point: string) => void): Notifier
  ids: SnowflakeGenerator
  counts: NodeCounts
  hub: Hub
  longPoll: LongPoll
  operators: Operators
  traffic: Traffic
  /** Everything that is gathered in memory reaches the stores. */
  write(): Promise<void>
  /** As `write`, for the last time. */
  flush(): Promise<void>
}

/** Puts a node's services together over its ports. The same for a process, a test and a simulation. */
export function createServices(options: ServiceOptions): Services {
  const { ports, clock, random, logger, heartbeat, limits = standardLimits } = options
  const { queue } = ports
  const ids = new SnowflakeGenerator(clock, ports.lease)
  const nextId = async (): Promise<string> => {
    await ids.ensure()
    return ids.next('0').id
  }

  const hub = new Hub()
  const connected = (user: string): string[] => hub.of(user).map((session) => session.device)
  const { hasher, usersKeptFor: time } = options
  const users = createAccountServices({ ports, clock, random, hasher, nextId, connected, time })
  const { accounts, devices, directory } = users

  const counts = newCounts()
  const cluster =
    options.cluster &&
    new Cluster({
      options: options.cluster,
      publicUrl: options.publicUrl,
      hub,
      presence: ports.presence,
      clock,
      random,
      logger,
      arrived: (entries) => talk.lanes.follow(entries),
    })
  const pushing = createPushNoting({ ports, devices, directory, hub, cluster, time, clock, logger })
  cluster?.share({ ...users, pushes: pushing.registrations })
  const router = cluster?.router ?? new LocalRouter(hub)
  const talk = createConversationServices({
    ports,
    directory,
    router,
    ids,
    nextId,
    counts,
    clock,
    logger,
    ticketKey: options.ticketKey,
    mediaTiers: options.mediaTiers ?? { days: undefined, conversations: new Map() },
    mediaLimits: { bytes: limits.media, quota: limits.mediaQuota },
    shared: cluster !== undefined,
    progress: cluster?.indexProgress,
    notes: pushing.noter,
    contention: cluster?.contention,
  })
  const { states, indexer, ownView, receipts } = talk
  const appending = cluster ? throughLanes(cluster, talk, clock, logger) : talk
  const { sending, amending } = appending

  const format = new CursorFormat(options.epoch, (text) => queue.isPosition(text), queue.late !== undefined)
  const cursors = new DeviceCursors(queue, clock, logger)
  const turns = new Turns(pagesAtOnce)
  const expander = new LogRowExpander(ports.log, states)
  const alone = { queue, expander, cursors: format, clock, turns }
  const reader = cluster ? { ...alone, ...forwardMarks(expander, ports) } : alone
  const tickets = new Tickets(options.ticketKey, clock)
  const admission: Admission = {
    authenticate: (token) => devices.authenticate(token),
    redeem: async (ticket) => {
      const identity = tickets.redeem(ticket)
      return identity && (await devices.exists(identity)) ? identity : undefined
    },
  }
  const { blockedIn } = talk
  const elsewhere = cluster?.presence ?? nowhereElse
  const showing = { ports, directory, states, blockedIn, router, elsewhere, clock, logger }
  const { presence, typing, lastOnline } = createPresenceServices(showing)
  const isMember: IsMember = (conversation, user) => states.peek(conversation)?.isPresent(user) ?? false
  const frameLimits = new FrameLimits(ports.limiter, frameRules, isMember)
  const gateway = new Gateway({
    hub,
    greeter: new Greeter({ admission, reader, clock, heartbeat, limits }),
    handlers: {
      send: new SendHandler(sending, frameLimits),
      amend: new AmendHandler(amending, frameLimits),
      ack: new AckHandler(cursors, format, queue, receipts),
      read: new ReadHandler(talk.reads, frameLimits),
      presence: new PresenceHandler(presence, typing, frameLimits),
    },
    came: cluster && ((identity, openedAt) => cluster.takeOver.opened(identity, openedAt)),
    left: (identity) => devices.noteSeen(identity),
    clock,
    logger,
    heartbeat,
    refused: (code) => countRefusal(counts, code),
  })
  const watch = endRevoked({ devices, gateway, hub, cursors, log: ports.revocations, clock, logger })
  devices.listen({ changed: (user, change) => void ownView.tell(user, { kind: 'device', ...change }).catch(() => {}) })
  accounts.beforeErasure(async (user) =>
    talk.memberships.leaveAll(user, await ports.conversations.conversationsOf(user)),
  )

  const lastSeenMessageIds = async (user: string): Promise<ReadonlyMap<string, string>> => {
    const known = await cursors.of(user)
    return new Map(known.flatMap(({ device, lastSeenMessageId: id }) => (id === undefined ? [] : [[device, id]])))
  }
  const longPoll = new LongPoll({ reader, hub, clock, cursors, receipts })
  const urlFor = (user: string, avoid: string | undefined): string =>
    cluster?.members.allocate(user, avoid)?.url ?? options.publicUrl()
  const allocation: Allocation = {
    connect: (identity, avoid) => ({ url: urlFor(identity.user, avoid), ...tickets.issue(identity) }),
  }
  const { publicUrl, storage = async () => ({}) } = options
  const admin = createAdminServices({
    ports,
    users,
    hub,
    cluster,
    counts,
    publicUrl,
    storage,
    lastSeenMessageIds,
    nextId,
    clock,
    random,
  })
  const talking = { users, talk, appending, presence, pushing, longPoll, allocation, lastSeenMessageIds }
  const routes = [...clientRoutes(talking), ...admin.routes]
  const ofMedia = talk.media ? mediaRoutes({ ...talk.media, publicUrl: options.mediaUrl }) : []
  const dispatcher = new Dispatcher(
    (token) => devices.authenticate(token),
    ports.limiter,
    isMember,
    (code) => countRefusal(counts, code),
  )
  const shown = { ports, states, cursors, directory, clock, random, logger }
  const gaps = createPushGaps(pushing, { ...shown, cluster })
  const notifier = (providers: readonly PushProvider[], passing: (point: string) => void): Notifier =>
    createNotifier(pushing, { ...shown, providers, passing })
  const write = async (): Promise<void> => {
    await receipts.flush()
    await Promise.all([cursors.flush(), devices.flush(), lastOnline.flush(), talk.media?.reads.flush()])
  }
  const flush = async (): Promise<void> => {
    presence.stop()
    await write()
  }
  return {
    gateway,
    dispatcher,
    routes,
    mediaRoutes: ofMedia,
    accounts,
    receipts,
    cursors,
    devices,
    directory,
    watch,
    cluster,
    indexer,
    media: talk.media,
    limits,
    pushing,
    gaps,
    notifier,
    ids,
    counts,
    hub,
    longPoll,
    operators: admin.operators,
    traffic: admin.traffic,
    write,
    flush,
  }
}
