import type { AccountService } from '../accounts/account-service.ts'
import type { DeviceRegistry } from '../accounts/device-registry.ts'
import type { Directory } from '../accounts/directory.ts'
import type { PasswordHasher } from '../accounts/passwords.ts'
import type { RevocationLog } from '../accounts/revocation-log.ts'
import type { RevocationWatch } from '../accounts/revocation-watch.ts'
import { Tickets } from '../accounts/tickets.ts'
import type { WorkerLease } from '../cluster/coordinator.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { ConversationService } from '../conversations/conversations.ts'
import { MembershipService } from '../conversations/membership.ts'
import { OwnView } from '../conversations/own-view.ts'
import type { People } from '../conversations/people.ts'
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
import { accountRoutes } from '../gateway/http/accounts.ts'
import { conversationRoutes } from '../gateway/http/conversations.ts'
import { Dispatcher } from '../gateway/http/dispatch.ts'
import { meRoutes } from '../gateway/http/me.ts'
import { messageRoutes } from '../gateway/http/messages.ts'
import { presenceRoutes } from '../gateway/http/presence.ts'
import type { AnyRoute } from '../gateway/http/route.ts'
import { syncRoutes } from '../gateway/http/sync.ts'
import { userRoutes } from '../gateway/http/users.ts'
import { LongPoll } from '../gateway/long-poll.ts'
import { frameRules } from '../gateway/rate-limits.ts'
import type { Clock } from '../lib/clock.ts'
import { countRefusal, type NodeCounts, newCounts } from '../lib/counts.ts'
import type { Logger } from '../lib/logger.ts'
import type { Random } from '../lib/random.ts'
import { Turns } from '../lib/turns.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import { ConversationStates } from '../log/conversation-states.ts'
import { EntryEvent } from '../log/entry-event.ts'
import { joinedSeq } from '../log/fold.ts'
import { type Delivery, Lanes } from '../log/lanes.ts'
import { LogRowExpander } from '../log/row-expander.ts'
import { SnowflakeGenerator } from '../log/snowflake.ts'
import { Amending } from '../messages/amending.ts'
import { History } from '../messages/history.ts'
import { Inbox } from '../messages/inbox.ts'
import type { MessageSearch } from '../messages/message-search.ts'
import { ReadService } from '../messages/read-service.ts'
import { ReceiptDetails } from '../messages/receipt-details.ts'
import type { ReceiptStore } from '../messages/receipt-store.ts'
import { Receipts } from '../messages/receipts.ts'
import { Search } from '../messages/search.ts'
import { SearchIndexer } from '../messages/search-indexer.ts'
import { Sending } from '../messages/sending.ts'
import { Untold } from '../messages/untold.ts'
import { LastOnline } from '../presence/last-online.ts'
import { PresenceService } from '../presence/presence-service.ts'
import type { PresenceStore } from '../presence/presence-store.ts'
import { Typing } from '../presence/typing.ts'
import { Visibility } from '../presence/visibility.ts'
import { CursorFormat } from '../sync/cursor.ts'
import { DeviceCursors } from '../sync/device-cursors.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import { type AccountPorts, createAccountServices } from './account-services.ts'
import { measuredLog } from './measured-log.ts'
import { endRevoked } from './revocation.ts'

/** Pages that catching-up sessions hold in memory together; the store's one reader thread is not faster with more. */
const pagesAtOnce = 16

/** What a node stands on: one adapter per port, and the world outside. */
export interface Ports extends AccountPorts {
  revocations: RevocationLog
  log: ConversationLog
  queue: SyncQueue
  conversations: ConversationStore
  receipts: ReceiptStore
  presence: PresenceStore
  search: MessageSearch
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
  /** What `POST /v1/connect` answers; asked when a request comes. */
  publicUrl: () => string
  /** Milliseconds for which users are kept at hand, where other nodes change them too. */
  usersKeptFor?: number
}

export interface Services {
  gateway: Gateway
  dispatcher: Dispatcher
  routes: AnyRoute[]
  accounts: AccountService
  receipts: Receipts
  cursors: DeviceCursors
  devices: DeviceRegistry
  directory: Directory
  /** For a node that is not alone: learns what others revoke, once it is started. */
  watch: RevocationWatch
  indexer: SearchIndexer
  ids: SnowflakeGenerator
  counts: NodeCounts
  /** Everything that is gathered in memory reaches the stores. */
  flush(): Promise<void>
}

/** Puts a node's services together over its ports. The same for a process, a test and a simulation. */
export function createServices(options: ServiceOptions): Services {
  const { ports, clock, random, logger, heartbeat } = options
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
  const people: People = directory

  const counts = newCounts()
  const router = new LocalRouter(hub)
  const { log, queue } = ports
  const states = new ConversationStates(ports.conversations, log)
  const indexer = new SearchIndexer({ store: ports.conversations, log, search: ports.search, clock, logger })
  const deliver = ({ batch, places }: Delivery): void => {
    indexer.note(batch.entries)
    counts.batches++
    counts.entries += batch.entries.length
    for (const { kind } of batch.entries) if (kind === 'message') counts.messages++
    counts.places += places.length
    const events = batch.entries.map((entry) => new EntryEvent(entry))
    let start = 0
    for (const { users, from, to } of batch.audiences) {
      const range = batch.audiences.length === 1 ? events : events.slice(from - batch.expect - 1, to - batch.expect)
      router.deliver(batch.audiences.length === 1 ? places : places.slice(start, start + users.length), range)
      start += users.length
    }
  }
  const lanes = new Lanes({
    log: measuredLog(log, clock, counts.appends),
    states,
    nextId: (after) => ids.next(after),
    ensureIds: (after) => ids.ensure(after),
    deliver,
  })

  const conversations = new ConversationService({ lanes, states, store: ports.conversations, people, clock, nextId })
  const memberships = new MembershipService(lanes, states, people)
  const ownView = new OwnView({ conversations, store: ports.conversations, log, queue, router, clock })
  const sending = new Sending(lanes, log, people)
  const amending = new Amending({ lanes, states, log, sending, ownView, clock })
  const blockedIn = async (conversation: string, user: string): Promise<boolean> => {
    const peer = (await states.get(conversation))?.peerOf(user)
    return peer !== undefined && (await people.blockedBetween(user, peer))
  }
  const untold = new Untold(
    log,
    {
      showsReads: async (user) => (await directory.settings(user)).readReceipts !== false,
      joinedSeq: async (conversation, user) => {
        const member = (await states.get(conversation))?.record.members.get(user)
        return member ? joinedSeq(member) : 1
      },
      readMark: (user, conversation) => ports.conversations.readMark(user, conversation),
    },
    clock,
  )
  const receipts = new Receipts({ store: ports.receipts, untold, router, clock, logger, blocked: blockedIn })
  const reads = new ReadService(ownView, receipts)
  const history = new History({ conversations, log, store: ports.conversations, receipts: ports.receipts })
  const inbox = new Inbox({ states, store: ports.conversations, log, history, people, receipts })
  const search = new Search({ conversations, store: ports.conversations, log, history, index: ports.search, indexer })

  const format = new CursorFormat(options.epoch, (text) => queue.isPosition(text), queue.late !== undefined)
  const cursors = new DeviceCursors(queue, clock, logger)
  const turns = new Turns(pagesAtOnce)
  const reader = { queue, expander: new LogRowExpander(log, states), cursors: format, clock, turns }
  const tickets = new Tickets(options.ticketKey, clock)
  const admission: Admission = {
    authenticate: (token) => devices.authenticate(token),
    redeem: async (ticket) => {
      const identity = tickets.redeem(ticket)
      return identity && (await devices.exists(identity)) ? identity : undefined
    },
  }
  const lastOnline = new LastOnline(ports.presence, clock, logger)
  const visibility = new Visibility(
    {
      settings: (user) => directory.settings(user),
      blockedBetween: (a, b) => people.blockedBetween(a, b),
      conversationsOf: (user) => ports.conversations.conversationsOf(user),
    },
    clock,
  )
  const presence = new PresenceService(clock, visibility, lastOnline)
  const typing = new Typing(
    clock,
    {
      membersFor: async (conversation, user) => {
        const state = await states.get(conversation)
        return state?.isPresent(user) ? state.present : undefined
      },
      blocked: blockedIn,
    },
    (users, frame) => router.broadcast(users, frame),
  )
  const isMember: IsMember = (conversation, user) => states.peek(conversation)?.isPresent(user) ?? false
  const limits = new FrameLimits(ports.limiter, frameRules, isMember)
  const gateway = new Gateway({
    hub,
    greeter: new Greeter({ admission, reader, clock, heartbeat }),
    handlers: {
      send: new SendHandler(sending, limits),
      amend: new AmendHandler(amending, limits),
      ack: new AckHandler(cursors, format, queue, receipts),
      read: new ReadHandler(reads, limits),
      presence: new PresenceHandler(presence, typing, limits),
    },
    left: (identity) => devices.noteSeen(identity),
    clock,
    logger,
    heartbeat,
    refused: (code) => countRefusal(counts, code),
  })
  const watch = endRevoked({ devices, gateway, hub, cursors, log: ports.revocations, clock, logger })
  devices.listen({ changed: (user, change) => void ownView.tell(user, { kind: 'device', ...change }).catch(() => {}) })
  accounts.beforeErasure(async (user) => memberships.leaveAll(user, await ports.conversations.conversationsOf(user)))

  const lastSeenMessageIds = async (user: string): Promise<ReadonlyMap<string, string>> => {
    const known = await cursors.of(user)
    return new Map(known.flatMap(({ device, lastSeenMessageId: id }) => (id === undefined ? [] : [[device, id]])))
  }
  const longPoll = new LongPoll({ reader, hub, clock, cursors, receipts })
  const allocation = {
    connect: (identity: { user: string; device: string }) => ({ url: options.publicUrl(), ...tickets.issue(identity) }),
  }
  const routes = [
    ...accountRoutes(accounts),
    ...meRoutes({ accounts, devices, lastSeenMessageIds }),
    ...userRoutes({ accounts, directory }),
    ...conversationRoutes({ conversations, memberships, ownView, inbox }),
    ...messageRoutes({
      sending,
      amending,
      history,
      reads,
      receipts: new ReceiptDetails(conversations, log, ports.receipts),
      search,
    }),
    ...presenceRoutes(presence),
    ...syncRoutes({ longPoll, allocation }),
  ]
  const dispatcher = new Dispatcher(
    (token) => devices.authenticate(token),
    ports.limiter,
    isMember,
    (code) => countRefusal(counts, code),
  )
  const flush = async (): Promise<void> => {
    presence.stop()
    await receipts.flush()
    await Promise.all([cursors.flush(), devices.flush(), lastOnline.flush()])
  }
  return {
    gateway,
    dispatcher,
    routes,
    accounts,
    receipts,
    cursors,
    devices,
    directory,
    watch,
    indexer,
    ids,
    counts,
    flush,
  }
}
