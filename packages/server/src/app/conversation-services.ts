import type { Directory } from '../accounts/directory.ts'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { ConversationService } from '../conversations/conversations.ts'
import { isDirectId } from '../conversations/direct-id.ts'
import { MembershipService } from '../conversations/membership.ts'
import { OwnView } from '../conversations/own-view.ts'
import type { Router } from '../delivery/router.ts'
import type { Clock } from '../lib/clock.ts'
import type { NodeCounts } from '../lib/counts.ts'
import type { Logger } from '../lib/logger.ts'
import type { Contention } from '../log/contention.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import { ConversationStates } from '../log/conversation-states.ts'
import { EntryEvent } from '../log/entry-event.ts'
import { joinedSeq } from '../log/fold.ts'
import { type Delivery, Lanes } from '../log/lanes.ts'
import type { SnowflakeGenerator } from '../log/snowflake.ts'
import { noMedia } from '../media/attachments.ts'
import type { TierPolicy } from '../media/tiering.ts'
import type { MediaLimits } from '../media/uploads.ts'
import { Amending } from '../messages/amending.ts'
import { Clearing } from '../messages/clearing.ts'
import { History } from '../messages/history.ts'
import { Inbox } from '../messages/inbox.ts'
import type { IndexProgress } from '../messages/index-progress.ts'
import type { MessageSearch } from '../messages/message-search.ts'
import { Pinning } from '../messages/pinning.ts'
import { ReadService } from '../messages/read-service.ts'
import { ReceiptDetails } from '../messages/receipt-details.ts'
import type { ReceiptStore } from '../messages/receipt-store.ts'
import { Receipts } from '../messages/receipts.ts'
import { Search } from '../messages/search.ts'
import { SearchIndexer } from '../messages/search-indexer.ts'
import { Sending } from '../messages/sending.ts'
import { Stars } from '../messages/stars.ts'
import { Untold } from '../messages/untold.ts'
import type { PushNoter } from '../notifications/push-noter.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import { measuredLog } from './measured-log.ts'
import { createMediaServices, type MediaPorts } from './media-services.ts'

/** What conversations and messages stand on. */
export interface ConversationPorts {
  log: ConversationLog
  queue: SyncQueue
  conversations: ConversationStore
  receipts: ReceiptStore
  search: MessageSearch
  /** undefined: this server has no media. */
  media?: MediaPorts | undefined
}

/** Conversations, their logs and what is said in them. */
export function createConversationServices(options: {
  ports: ConversationPorts
  directory: Directory
  router: Router
  ids: SnowflakeGenerator
  nextId: () => Promise<string>
  counts: NodeCounts
  clock: Clock
  logger: Logger
  ticketKey: Uint8Array
  mediaLimits: MediaLimits
  mediaTiers: TierPolicy
  /** Other nodes append and index too. */
  shared: boolean
  progress: IndexProgress | undefined
  /** Told of what may have to be notified, and of what was read. */
  notes: Pick<PushNoter, 'note' | 'noteRead'>
  /** Told when another node was faster. */
  contention: Contention | undefined
}) {
  const { ports, directory, router, ids, nextId, counts, clock, logger, shared, progress, notes, contention } = options
  const { log, queue, conversations: store } = ports
  const people = directory
  const states = new ConversationStates(store, log, { shared })
  const indexer = new SearchIndexer({ store, log, search: ports.search, clock, logger, progress })
  const lanes = new Lanes({
    log: measuredLog(log, clock, counts.appends),
    states,
    nextId: (after) => ids.next(after),
    ensureIds: (after) => ids.ensure(after),
    deliver: (delivery) => {
      indexer.note(delivery.batch.entries)
      notes.note(delivery)
      count(counts, delivery)
      if (isDirectId(delivery.batch.conversation)) contention?.appended(delivery.batch.conversation)
      deliver(router, delivery)
    },
    moved: contention && ((conversation) => contention.refused(conversation)),
  })
  const conversations = new ConversationService({ lanes, states, store, people, clock, nextId })
  const memberships = new MembershipService(lanes, states, people)
  const ownView = new OwnView({ conversations, store, log, queue, router, clock })
  const { ticketKey, mediaLimits: limits, mediaTiers: tiers } = options
  const media =
    ports.media &&
    createMediaServices({
      ports: ports.media,
      log,
      states,
      store,
      directory,
      clock,
      logger,
      nextId,
      ticketKey,
      limits,
      tiers,
    })
  const attaching = media?.attachments ?? noMedia
  const sending = new Sending(lanes, log, people, attaching)
  const amending = new Amending({ lanes, states, log, sending, ownView, attaching, clock })
  /** A block between the two of a direct conversation. */
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
      readMark: (user, conversation) => store.readMark(user, conversation),
    },
    clock,
  )
  const receipts = new Receipts({ store: ports.receipts, untold, router, clock, logger, blocked: blockedIn })
  const reads = new ReadService(ownView, receipts, (user, conversation, seq) => notes.noteRead(user, conversation, seq))
  const history = new History({ conversations, log, store, receipts: ports.receipts })
  const inbox = new Inbox({ states, store, log, history, people, receipts })
  const stars = new Stars({ conversations, store, log, history, ownView, clock })
  const clearing = new Clearing(ownView, reads)
  const pinning = new Pinning({ conversations, lanes, log, sending })
  const search = new Search({ conversations, store, log, history, index: ports.search, indexer })
  const receiptDetails = new ReceiptDetails(conversations, log, ports.receipts)
  return {
    states,
    lanes,
    media,
    indexer,
    conversations,
    memberships,
    ownView,
    sending,
    amending,
    blockedIn,
    receipts,
    receiptDetails,
    reads,
    history,
    inbox,
    search,
    stars,
    clearing,
    pinning,
  }
}

export type ConversationServices = ReturnType<typeof createConversationServices>

function count(counts: NodeCounts, { batch, places }: Delivery): void {
  counts.batches++
  counts.entries += batch.entries.length
  for (const { kind } of batch.entries) if (kind === 'message') counts.messages++
  counts.places += places.length
}

/** Each audience gets the places of its users, and the entries that are for them. */
function deliver(router: Router, { batch, places }: Delivery): void {
  const events = batch.entries.map((entry) => new EntryEvent(entry))
  if (batch.audiences.length === 1) return router.deliver(places, events)
  let start = 0
  for (const { users, from, to } of batch.audiences) {
    const range = events.slice(from - batch.expect - 1, to - batch.expect)
    router.deliver(places.slice(start, start + users.length), range)
    start += users.length
  }
}
