import type { ConversationId, UserId } from '@parley/protocol'
import { type MessageRef, UpdateEvent } from '../delivery/event.ts'
import type { Router } from '../delivery/router.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import { Gathering } from '../lib/gathering.ts'
import type { Logger } from '../lib/logger.ts'
import { KnownWatermarks } from './known-watermarks.ts'
import { merge, newProgress, noticesOf, type Progress, progressKey, watermarksOf } from './progress.ts'
import type { ReceiptStore } from './receipt-store.ts'
import type { Untold } from './untold.ts'

const gatherTime = 1000
/** Members of conversations whose delivered watermark is kept at hand, to tell repeats from news. */
const rememberedMarks = 100_000
/** Receipts that may wait for the store; beyond it they are dropped, and the next acknowledgement or read heals. */
const waitingCapacity = 100_000
/** Read marks are looked into a few at a time. They may wait: many come at once after a restart. */
const doubtsAtOnce = 20
const doubtsPause = 100

/**
 * Delivered and read: stored together with what is told to authors, gathered for up to a second (rule Y7). What is lost
 * with this process before that is found again by its traces: see `Untold`.
 */
export class Receipts {
  readonly #store
  readonly #known
  readonly #untold
  readonly #router
  readonly #clock
  readonly #logger
  readonly #blocked
  /** By conversation, so that one row tells an author of all members that moved. */
  readonly #waiting: Gathering<ConversationId, Map<UserId, Progress>>
  #waitingCount = 0
  /** Read marks that may not have been told, by member. */
  readonly #doubts = new Map<string, Progress>()
  #flushing: Promise<void> = Promise.resolve()
  #deliveredAt = new Map<string, number>()
  #doubtTimer: Timer | undefined

  constructor(deps: {
    store: ReceiptStore
    untold: Untold
    router: Router
    clock: Clock
    logger: Logger
    /** True when receipts between these two are dropped silently (a block in a direct conversation). */
    blocked: (conversation: ConversationId, user: UserId) => Promise<boolean>
  }) {
    this.#store = deps.store
    this.#known = new KnownWatermarks(deps.store)
    this.#untold = deps.untold
    this.#router = deps.router
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#blocked = deps.blocked
    this.#waiting = new Gathering(deps.clock, gatherTime, (due) => void this.#inOrder(this.#take(due)))
  }

  /** A device of `user` acknowledged this message. */
  delivered(user: UserId, { conversation, seq, sender }: MessageRef): void {
    if (sender === user) return
    const key = progressKey(conversation, user)
    if ((this.#deliveredAt.get(key) ?? 0) >= seq) return
    if (this.#deliveredAt.size >= rememberedMarks) this.#deliveredAt.clear()
    this.#deliveredAt.set(key, seq)
    const progress = this.#progress(conversation, user)
    if (!progress) return
    progress.authors.add(sender)
    if (seq <= progress.delivered) return
    progress.delivered = seq
    progress.deliveredAt = this.#clock.now()
  }

  /** `user` has read everything up to `seq`. */
  read(user: UserId, conversation: ConversationId, seq: number): void {
    if ((this.#known.of(conversation, user)?.settled ?? 0) >= seq) return
    const progress = this.#progress(conversation, user)
    if (!progress || seq <= progress.read) return
    progress.read = seq
    progress.seenAt = this.#clock.now()
  }

  /** A stored read mark was come across; whether the authors were told of it is looked into some time. */
  noticed(user: UserId, conversation: ConversationId, read: number): void {
    if (read === 0 || (this.#known.of(conversation, user)?.settled ?? 0) >= read) return
    if (this.#doubts.size >= waitingCapacity) return
    const doubt = newProgress(conversation, user)
    doubt.doubtful = read
    this.#doubts.set(progressKey(conversation, user), doubt)
    this.#doubtTimer ??= this.#clock.after(doubtsPause, () => void this.#lookIntoDoubts())
  }

  async #lookIntoDoubts(): Promise<void> {
    const some = [...this.#doubts.entries().take(doubtsAtOnce)]
    for (const [key] of some) this.#doubts.delete(key)
    await this.#inOrder(some.map(([, doubt]) => doubt))
    const left = this.#doubts.size > 0
    this.#doubtTimer = left ? this.#clock.after(doubtsPause, () => void this.#lookIntoDoubts()) : undefined
  }

  /** One after the other: a slow store must not let a newer receipt overtake an older one. */
  flush(): Promise<void> {
    return this.#inOrder(this.#take(this.#waiting.takeAll()))
  }

  #take(due: readonly Map<UserId, Progress>[]): Progress[] {
    const taken = due.flatMap((members) => [...members.values()])
    this.#waitingCount -= taken.length
    return taken
  }

  #inOrder(taken: readonly Progress[]): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush(taken))
    return this.#flushing
  }

  async #flush(taken: readonly Progress[]): Promise<void> {
    if (taken.length === 0) return
    try {
      await this.#tell(taken)
    } catch (error) {
      this.#logger.warn({ error, count: taken.length }, 'receipts were not stored')
      this.#known.forget(taken)
      for (const progress of taken) this.#putBack(progress)
    }
  }

  async #tell(taken: readonly Progress[]): Promise<void> {
    const blocked = await Promise.all(taken.map(({ conversation, user }) => this.#blocked(conversation, user)))
    const allowed = taken.filter((_, index) => !blocked[index])
    const strange = await this.#known.learn(allowed)
    const moved = await this.#untold.complete(allowed, this.#known, strange)
    if (moved.length === 0) return
    for (const progress of moved) this.#known.raise(progress)
    const notices = noticesOf(moved)
    const places = await this.#store.save(moved.flatMap(watermarksOf), notices)
    this.#known.saved(moved)
    for (const [index, place] of places.entries()) {
      this.#router.deliver([place], [new UpdateEvent(notices[index]?.update ?? '')])
    }
  }

  #putBack(older: Progress): void {
    const progress = this.#progress(older.conversation, older.user)
    if (progress) merge(progress, older)
    else this.#deliveredAt.delete(progressKey(older.conversation, older.user))
  }

  /** undefined when too many wait. */
  #progress(conversation: ConversationId, user: UserId): Progress | undefined {
    let members = this.#waiting.get(conversation)
    const known = members?.get(user)
    if (known || this.#waitingCount >= waitingCapacity) return known
    if (!members) {
      members = new Map()
      this.#waiting.begin(conversation, members)
    }
    const progress = newProgress(conversation, user)
    members.set(user, progress)
    this.#waitingCount++
    return progress
  }
}
