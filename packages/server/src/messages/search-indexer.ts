import type { ConversationId } from '@parley/protocol'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { Entry } from '../log/entry.ts'
import { IndexGaps } from './index-gaps.ts'
import { type IndexProgress, SoleProgress } from './index-progress.ts'
import type { MessageSearch } from './message-search.ts'
import { documentsOf } from './search-document.ts'

const period = 1000
/** Entries that are indexed in one period at most: search never takes the machine away from messages. */
const entriesPerPeriod = 2000
const batchEntries = 200
const activePage = 1000
/** Entries become visible in nearly the order of their times; the durable position stays this far behind (ms). */
const overlap = 15_000
/** Milliseconds after which the position is kept, where others index too. */
const positionTime = 10_000
/** Milliseconds after which a conversation is looked at once more, where others append too. */
const lookAgainTime = 5000

/**
 * Feeds the search behind the log, never inside an append. What is not indexed yet is known per conversation; it is
 * indexed once a second within a budget, and at once for the conversations that somebody searches. After a start the
 * gaps are found by time from the durable position on. Indexing twice does no harm. Where the log is far away, what this
 * node appended itself is indexed as it was noted.
 */
export class SearchIndexer {
  readonly #store
  readonly #log
  readonly #search
  readonly #clock
  readonly #logger
  readonly #progress
  readonly #shared
  readonly #gaps
  #positionAt = 0
  #timer: Timer | undefined
  #working: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(deps: {
    store: ConversationStore
    log: ConversationLog
    search: MessageSearch
    clock: Clock
    logger: Logger
    /** Absent: no other node appends. */
    progress?: IndexProgress | undefined
  }) {
    this.#store = deps.store
    this.#log = deps.log
    this.#search = deps.search
    this.#clock = deps.clock
    this.#logger = deps.logger
    this.#progress = deps.progress ?? new SoleProgress()
    this.#shared = deps.progress !== undefined
    this.#gaps = new IndexGaps(this.#shared)
  }

  /** Milliseconds since the oldest entry that is not indexed was made; 0 when all are. */
  get lag(): number {
    const oldest = this.#gaps.missing
    return oldest === undefined ? 0 : Math.max(0, this.#clock.now() - oldest)
  }

  start(): void {
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#working
    if (!this.#shared) return
    // Nobody else knows of what this node appended last.
    await this.#exclusively(async () => {
      for (const conversation of this.#gaps.conversations()) await this.#close(conversation, Number.POSITIVE_INFINITY)
      this.#progress.done()
    }).catch((error) => this.#logger.warn({ error }, 'search misses what was said last, until others look for it'))
  }

  /** Entries of one conversation that are durable now. */
  note(entries: readonly Entry[]): void {
    this.#gaps.note(entries)
  }

  /** Indexes everything of these conversations, so that a search misses nothing. */
  async upToDate(conversations: readonly ConversationId[]): Promise<void> {
    const isBehind = (conversation: ConversationId): boolean => this.#gaps.has(conversation)
    const mustLook = !this.#shared && this.#progress.mustLook()
    if (!mustLook && !conversations.some(isBehind)) return
    await this.#exclusively(async () => {
      if (!this.#shared && this.#progress.mustLook()) await this.#findGaps()
      const behind = conversations.filter(isBehind)
      for (const conversation of behind) await this.#close(conversation, Number.POSITIVE_INFINITY)
    })
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = this.#clock.after(period, () => {
      void this.#exclusively(() => this.#work())
        .catch((error) => this.#logger.warn({ error }, 'search is not being fed; trying again'))
        .finally(() => this.#schedule())
    })
  }

  #exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = this.#working.then(run, run)
    this.#working = result.catch(() => {})
    return result
  }

  async #work(): Promise<void> {
    if (this.#progress.mustLook()) await this.#findGaps()
    let budget = entriesPerPeriod - (await this.#indexKept(entriesPerPeriod))
    const now = this.#clock.now()
    for (const conversation of this.#gaps.toRead(now)) {
      if (budget <= 0 || this.#stopped) return
      budget -= await this.#close(conversation, budget)
    }
    const position = this.#position()
    if (!this.#shared || position === undefined || now - this.#positionAt < positionTime) return
    this.#positionAt = now
    await this.#search.index([], position)
  }

  /** Indexes what is at hand, `budget` entries or a few more. @returns how many */
  async #indexKept(budget: number): Promise<number> {
    let count = 0
    while (count < budget && !this.#stopped) {
      const taken = this.#gaps.takeKept(batchEntries)
      if (taken.length === 0) break
      const entries = taken.flatMap(([, { kept }]) => kept)
      try {
        await this.#search.index(documentsOf(entries), undefined)
      } catch (error) {
        for (const [conversation, gap] of taken) this.#gaps.putBack(conversation, gap)
        throw error
      }
      for (const [, { kept }] of taken) this.#lookAgain(kept.at(-1) as Entry)
      count += entries.length
    }
    return count
  }

  /** Indexes a conversation from its gap on, `budget` entries at most. @returns how many */
  async #close(conversation: ConversationId, budget: number): Promise<number> {
    let count = 0
    for (;;) {
      if (count >= budget) return count
      // Taken out first: what is appended while this reads is noted again.
      const gap = this.#gaps.take(conversation)
      if (!gap) return count
      try {
        const range = { after: gap.from - 1, before: Number.MAX_SAFE_INTEGER, limit: batchEntries }
        const entries = await this.#log.read(conversation, range)
        const last = entries.at(-1)
        if (!last) return count
        const isLast = entries.length < batchEntries
        if (!isLast) this.#gaps.add(conversation, last.seq + 1, last.at)
        await this.#search.index(documentsOf(entries), this.#shared ? undefined : this.#position())
        count += entries.length
        if (isLast && this.#shared) this.#lookAgain(last)
        if (isLast) return count
      } catch (error) {
        this.#gaps.putBack(conversation, gap)
        throw error
      }
    }
  }

  /** Another node may have indexed what amends these before they were. */
  #lookAgain({ conversation, seq }: Entry): void {
    const now = this.#clock.now()
    this.#gaps.lookAgain(conversation, { from: seq + 1, at: now, due: now + lookAgainTime })
  }

  /** Everything at or after the durable position may not be indexed. */
  async #findGaps(): Promise<void> {
    let from = Number((await this.#search.position()) ?? 0)
    for (;;) {
      const active = await this.#store.activeSince(from, activePage)
      for (const { conversation } of active) await this.#findGap(conversation, from)
      const last = active.at(-1)
      if (!last || active.length < activePage || last.at === from) break
      from = last.at
    }
    this.#progress.looked()
  }

  async #findGap(conversation: ConversationId, since: number): Promise<void> {
    let before = Number.MAX_SAFE_INTEGER
    for (;;) {
      const entries = await this.#log.read(conversation, { after: 0, before, limit: batchEntries, newest: true })
      const fresh = entries.filter((entry) => entry.at >= since)
      const first = fresh[0]
      if (!first) return
      this.#gaps.add(conversation, first.seq, first.at)
      if (fresh.length < batchEntries) return
      before = first.seq
    }
  }

  #position(): string | undefined {
    const position = this.#progress.position(this.#gaps.oldest ?? this.#clock.now())
    return position === undefined ? undefined : String(position - overlap)
  }
}
