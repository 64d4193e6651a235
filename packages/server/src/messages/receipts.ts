import type { ConversationId, UserId } from '@parley/protocol'
import type { MessageRef } from '../delivery/event.ts'
import { UpdateEvent } from '../delivery/event.ts'
import type { Router } from '../delivery/router.ts'
import type { Clock } from '../lib/clock.ts'
import { Gathering } from '../lib/gathering.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { SyncQueue } from '../sync/sync-queue.ts'
import type { ReceiptStore, Watermark } from './receipt-store.ts'

/** What a member of a conversation has newly reached, and the authors who are to know. */
interface Progress {
  conversation: ConversationId
  user: UserId
  delivered: number
  deliveredAt: number
  read: number
  seenAt: number
  authors: Set<UserId>
  /** Whether the authors are told that it was read (privacy setting of the reader). */
  tellRead: boolean
}

interface Mark {
  upTo: number
  at: number
}

interface Stored {
  delivered: Mark
  read: Mark
}

const nothing: Stored = { delivered: { upTo: 0, at: 0 }, read: { upTo: 0, at: 0 } }
const newer = (a: Mark, b: Mark): Mark => (b.upTo > a.upTo ? b : a)

interface MemberReceipt {
  user: UserId
  delivered?: number
  deliveredAt?: number
  read?: number
  seenAt?: number
}

const gatherTime = 1000
/** Members of conversations whose delivered watermark is kept at hand, to tell repeats from news. */
const rememberedMarks = 100_000
/** Receipts that may wait for the store; beyond it delivered receipts are dropped, the next acknowledgement tells more. */
const waitingCapacity = 100_000

/** Delivered and read: stored first, then told to authors, gathered for up to a second (rule Y7). */
export class Receipts {
  readonly #store
  readonly #log
  readonly #queue
  readonly #router
  readonly #clock
  readonly #logger
  readonly #showsReads
  readonly #blocked
  readonly #shared
  /** By conversation, so that one row tells an author of all members that moved. */
  readonly #waiting: Gathering<ConversationId, Map<UserId, Progress>>
  #waitingCount = 0
  /** What was stored of a member, so that nobody is told less than before: by a slower device, or after a restart. */
  #stored = new Map<string, Stored>()
  #flushing: Promise<void> = Promise.resolve()
  #deliveredAt = new Map<string, number>()

  constructor(deps: {
    store: ReceiptStore
    log: ConversationLog
    queue: SyncQueue
    router: Router
    clock: Clock
    logger: Logger
    /** The reader's privacy setting `readReceipts`. */
    showsReads: (user: UserId) => Promise<boolean>
    /** True when receipts between these two are dropped silently (a block in a direct conversation). */
    blocked: (conversation: ConversationId, user: UserId) => Promise<boolean>
    /** Other nodes store receipts of the same users too. */
    shared?: boolean
  }) {
    this.#store = deps.store
    this.#log = deps.log
    this.#queue = deps.queue
    this.#router = deps.router
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#showsReads = deps.showsReads
    this.#blocked = deps.blocked
    this.#shared = deps.shared ?? false
    this.#waiting = new Gathering(deps.clock, gatherTime, (due) => void this.#inOrder(due))
  }

  /** A device of `user` acknowledged this message. */
  delivered(user: UserId, { conversation, seq, sender }: MessageRef): void {
    if (sender === user) return
    const key = `${conversation} ${user}`
    if ((this.#deliveredAt.get(key) ?? 0) >= seq) return
    if (this.#deliveredAt.size >= rememberedMarks) this.#deliveredAt.clear()
    this.#deliveredAt.set(key, seq)
    if (this.#waitingCount >= waitingCapacity) return
    const progress = this.#progress(conversation, user)
    progress.delivered = seq
    progress.deliveredAt = this.#clock.now()
    progress.authors.add(sender)
  }

  /** `user` has read everything after `from` up to `to`. */
  async read(user: UserId, conversation: ConversationId, from: number, to: number): Promise<void> {
    if (to <= from) return
    const [authors, tellRead] = await Promise.all([this.#log.authors(conversation, from, to), this.#showsReads(user)])
    const progress = this.#progress(conversation, user)
    progress.read = Math.max(progress.read, to)
    progress.seenAt = this.#clock.now()
    progress.tellRead = tellRead
    for (const author of authors) if (author !== user) progress.authors.add(author)
  }

  /** One after the other: a slow store must not let a newer receipt overtake an older one. */
  flush(): Promise<void> {
    return this.#inOrder(this.#waiting.takeAll())
  }

  #inOrder(due: readonly Map<UserId, Progress>[]): Promise<void> {
    const waiting = due.flatMap((members) => [...members.values()])
    this.#waitingCount -= waiting.length
    this.#flushing = this.#flushing.then(() => this.#flush(waiting))
    return this.#flushing
  }

  async #flush(waiting: readonly Progress[]): Promise<void> {
    if (waiting.length === 0) return
    try {
      const blocked = await Promise.all(waiting.map(({ conversation, user }) => this.#blocked(conversation, user)))
      const allowed = waiting.filter((_, index) => !blocked[index])
      await this.#raise(allowed)
      await this.#store.save(allowed.flatMap(watermarksOf))
      await this.#tell(allowed)
    } catch (error) {
      // Cursors stand before these receipts: what follows tells more, and a resumed device acknowledges again.
      this.#deliveredAt.clear()
      this.#logger.warn({ error, count: waiting.length }, 'receipts were not stored')
    }
  }

  /** Lifts what is to be told to what was stored before. */
  async #raise(waiting: readonly Progress[]): Promise<void> {
    if (this.#shared || this.#stored.size >= rememberedMarks) this.#stored.clear()
    const strange = new Set<ConversationId>()
    for (const { conversation, user } of waiting) {
      if (!this.#stored.has(`${conversation} ${user}`)) strange.add(conversation)
    }
    const found = await Promise.all([...strange].map((conversation) => this.#store.latest(conversation)))
    for (const { conversation, user, kind, upTo, at } of found.flat()) {
      const key = `${conversation} ${user}`
      this.#stored.set(key, { ...nothing, ...this.#stored.get(key), [kind]: { upTo, at } })
    }
    for (const progress of waiting) {
      const key = `${progress.conversation} ${progress.user}`
      const { delivered, read } = this.#stored.get(key) ?? nothing
      const reached = Math.max(progress.delivered, progress.tellRead ? progress.read : 0)
      if (reached < delivered.upTo) Object.assign(progress, { delivered: delivered.upTo, deliveredAt: delivered.at })
      if (progress.read > 0 && progress.read < read.upTo) Object.assign(progress, { read: read.upTo, seenAt: read.at })
      const told = receiptOf(progress)
      const next = { upTo: told?.delivered ?? 0, at: told?.deliveredAt ?? 0 }
      const seen = { upTo: told?.read ?? 0, at: told?.seenAt ?? 0 }
      this.#stored.set(key, { delivered: newer(delivered, next), read: newer(read, seen) })
    }
  }

  #progress(conversation: ConversationId, user: UserId): Progress {
    let members = this.#waiting.get(conversation)
    if (!members) {
      members = new Map()
      this.#waiting.begin(conversation, members)
    }
    let progress = members.get(user)
    if (!progress) {
      progress = {
        conversation,
        user,
        delivered: 0,
        deliveredAt: 0,
        read: 0,
        seenAt: 0,
        authors: new Set(),
        tellRead: true,
      }
      members.set(user, progress)
      this.#waitingCount++
    }
    return progress
  }

  /** One queue row per author and conversation, however many members moved. */
  async #tell(waiting: readonly Progress[]): Promise<void> {
    const rows = new Map<string, { author: UserId; conversation: ConversationId; members: MemberReceipt[] }>()
    for (const progress of waiting) {
      const receipt = receiptOf(progress)
      if (!receipt) continue
      for (const author of progress.authors) {
        const key = `${progress.conversation} ${author}`
        const row = rows.get(key) ?? { author, conversation: progress.conversation, members: [] }
        row.members.push(receipt)
        rows.set(key, row)
      }
    }
    const updates = [...rows.values()].map(({ author, conversation, members }) => ({
      user: author,
      update: JSON.stringify({ kind: 'receipts', conversation, members }),
    }))
    const places = await this.#queue.put(updates)
    for (const [index, place] of places.entries()) {
      this.#router.deliver([place], [new UpdateEvent(updates[index]?.update ?? '')])
    }
  }
}

/** A reader who does not show reads leaves no trace of them for others. */
function watermarksOf({ conversation, user, delivered, deliveredAt, read, seenAt, tellRead }: Progress): Watermark[] {
  const marks: Watermark[] = []
  const upTo = Math.max(delivered, tellRead ? read : 0)
  if (upTo > 0) {
    marks.push({ conversation, user, kind: 'delivered', upTo, at: delivered > 0 ? deliveredAt : seenAt })
  }
  if (read > 0 && tellRead) marks.push({ conversation, user, kind: 'read', upTo: read, at: seenAt })
  return marks
}

/** undefined when there is nothing that authors may know. */
function receiptOf({ user, delivered, deliveredAt, read, seenAt, tellRead }: Progress): MemberReceipt | undefined {
  const receipt: MemberReceipt = { user }
  const reached = Math.max(delivered, tellRead ? read : 0)
  if (reached === 0) return undefined
  receipt.delivered = reached
  receipt.deliveredAt = delivered > 0 ? deliveredAt : seenAt
  if (read > 0 && tellRead) {
    receipt.read = read
    receipt.seenAt = seenAt
  }
  return receipt
}
