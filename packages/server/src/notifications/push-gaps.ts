import type { UserId } from '@parley/protocol'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import type { Entry } from '../log/entry.ts'
import type { IndexProgress } from '../messages/index-progress.ts'
import { type Candidate, mentionsOf } from './candidates.ts'
import type { PushNoter } from './push-noter.ts'
import type { PushQueue } from './push-queue.ts'
import type { Registrations } from './registrations.ts'

const period = 3000
const activePage = 500
const entryPage = 200
/** Only the newest message counts, and mentions; of those that lie further back than this none is looked for. */
const mostPages = 10
const shownPage = 500
/** Milliseconds. Entries become visible in nearly the order of their times. */
const overlap = 15_000
const positionTime = 10_000
/** Milliseconds between two looks at what is shown, for reads that a dead node never noted. */
const shownTime = 300_000
/** Nobody is told of what is older. */
const oldest = 7 * 86_400_000

/**
 * Finds what a node took with it when it died between the append and noting it: everything since the stored position is
 * noted again, which is harmless. Also notifications that are shown though their message was read.
 */
export class PushGaps {
  readonly #store
  readonly #log
  readonly #states
  readonly #queue
  readonly #registrations
  readonly #noter
  readonly #progress
  readonly #leads
  readonly #clock
  readonly #logger
  #positionAt = 0
  /** Deliveries were dropped, and have not been looked for since. */
  #missing = false
  #shownAt: number | undefined
  #timer: Timer | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(deps: {
    store: ConversationStore
    log: ConversationLog
    states: ConversationStates
    queue: PushQueue
    registrations: Registrations
    noter: PushNoter
    progress: IndexProgress
    /** This node looks through what is shown. */
    leads: () => boolean
    clock: Clock
    logger: Logger
  }) {
    this.#store = deps.store
    this.#log = deps.log
    this.#states = deps.states
    this.#queue = deps.queue
    this.#registrations = deps.registrations
    this.#noter = deps.noter
    this.#progress = deps.progress
    this.#leads = deps.leads
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  start(): void {
    // From the first registration on there is something to miss.
    this.#registrations.onSet(() => this.#positionAt === 0 && void this.look())
    this.look()
    this.#timer = this.#clock.every(period, () => this.look())
  }

  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#working
    await this.#noter.flush()
    this.#progress.done()
  }

  /** Resolves when what could be found now is noted. */
  look(): Promise<void> {
    this.#working = this.#working
      .then(() => this.#work())
      .catch((error) =>
        this.#logger.warn({ error }, 'notifications that may be missing are not looked for; trying again'),
      )
    return this.#working
  }

  async #work(): Promise<void> {
    const now = this.#clock.now()
    const own = this.#noter.position
    this.#missing ||= this.#noter.takeLost()
    if (this.#progress.mustLook() || this.#missing) {
      await this.#findGaps(Math.max(Number((await this.#queue.position()) ?? now), now - oldest))
      this.#progress.looked()
      this.#missing = false
    }
    if (this.#registrations.none) return
    if (this.#leads() && (this.#shownAt === undefined || now - this.#shownAt >= shownTime)) {
      await this.#findRead()
      this.#shownAt = now
    }
    const position = this.#progress.position(own)
    if (position === undefined || now - this.#positionAt < positionTime) return
    this.#positionAt = now
    await this.#queue.keepPosition(String(position - overlap))
  }

  async #findGaps(since: number): Promise<void> {
    for (let from = since; ; ) {
      const active = await this.#store.activeSince(from, activePage)
      for (const { conversation } of active) await this.#noteSince(conversation, since)
      const last = active.at(-1)
      if (!last || active.length < activePage || last.at === from) return
      from = last.at
    }
  }

  async #noteSince(conversation: string, since: number): Promise<void> {
    const state = await this.#states.current(conversation)
    if (!state) return
    const registered = await this.#registrations.of(state.present)
    if (registered.size === 0) return
    const messages: Entry[] = []
    for (let before = Number.MAX_SAFE_INTEGER, pages = 0; pages < mostPages; pages++) {
      const range = { after: 0, before, limit: entryPage, newest: true, kind: 'message' as const }
      const fresh = (await this.#log.read(conversation, range)).filter(({ at }) => at >= since)
      messages.unshift(...fresh)
      const first = fresh[0]
      if (!first || fresh.length < entryPage) break
      before = first.seq
    }
    const newest = [...registered.keys()].flatMap((user) => newestFor(user, messages) ?? [])
    await this.#noter.store(newest)
  }

  async #findRead(): Promise<void> {
    for (let after: string | undefined; ; ) {
      const page = await this.#queue.shown(after, shownPage)
      const read: { user: UserId; conversation: string; seq: number }[] = []
      for (const { user, conversation, seq } of page.jobs) {
        const mark = await this.#store.readMark(user, conversation)
        if (mark && mark.read >= seq) read.push({ user, conversation, seq: mark.read })
      }
      if (read.length > 0) await this.#queue.read(read, this.#clock.now())
      if (page.next === undefined) return
      after = page.next
    }
  }
}

/** The newest message of others. Its place on the queue is not known. */
function newestFor(user: UserId, messages: readonly Entry[]): Candidate | undefined {
  const others = messages.filter(({ sender }) => sender !== user)
  const last = others.at(-1)
  if (!last) return undefined
  const mentioned = others.some(({ body }) => mentionsOf(body).includes(user))
  return { user, conversation: last.conversation, seq: last.seq, position: '', mentioned }
}
