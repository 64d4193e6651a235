import type { Content } from '@parley/protocol'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import type { Clock, Timer } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { Entry } from '../log/entry.ts'
import type { MessageSearch, SearchDocument } from './message-search.ts'

const period = 500
const page = 1000
const batchDocuments = 500
/** How far behind the newest entry's time the position stays: entries become visible in nearly the order of their times. */
const overlap = 5000
const waitingCapacity = 20_000

/**
 * Feeds the search behind the log, never inside an append. New entries are noted as they are delivered; after a start,
 * or when too many wait, they are found again by time from the durable position on. Indexing twice does no harm.
 */
export class SearchIndexer {
  readonly #store
  readonly #log
  readonly #search
  readonly #clock
  readonly #logger
  #waiting: Entry[] = []
  #behind = true
  #timer: Timer | undefined
  #working: Promise<void> | undefined
  #stopped = false

  constructor(deps: {
    store: ConversationStore
    log: ConversationLog
    search: MessageSearch
    clock: Clock
    logger: Logger
  }) {
    this.#store = deps.store
    this.#log = deps.log
    this.#search = deps.search
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  start(): void {
    this.#schedule()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#working
  }

  /** Entries that are durable now. */
  note(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.kind !== 'message' && entry.kind !== 'edit' && entry.kind !== 'delete') continue
      if (this.#waiting.length < waitingCapacity) this.#waiting.push(entry)
      else this.#behind = true
    }
  }

  #schedule(): void {
    if (this.#stopped) return
    this.#timer = this.#clock.after(period, () => {
      this.#working = this.#work().finally(() => this.#schedule())
    })
  }

  async #work(): Promise<void> {
    try {
      if (this.#behind) await this.#catchUp()
      while (this.#waiting.length > 0 && !this.#stopped) await this.#index(this.#waiting.slice(0, batchDocuments))
    } catch (error) {
      this.#behind = true
      this.#logger.warn({ error }, 'search is not being fed; trying again')
    }
  }

  async #index(entries: readonly Entry[]): Promise<void> {
    await this.#search.index(entries.map(toDocument), positionAfter(entries))
    this.#waiting.splice(0, entries.length)
  }

  /** Everything since the durable position, conversation by conversation in order of their newest entry. */
  async #catchUp(): Promise<void> {
    this.#behind = false
    let from = Number((await this.#search.position()) ?? 0)
    for (;;) {
      const active = await this.#store.activeSince(from, page)
      for (const { conversation } of active) await this.#catchUpOne(conversation, from)
      const last = active.at(-1)
      if (!last || active.length < page || last.at === from || this.#stopped) return
      from = last.at
    }
  }

  async #catchUpOne(conversation: string, from: number): Promise<void> {
    let before = Number.MAX_SAFE_INTEGER
    for (;;) {
      const entries = await this.#log.read(conversation, { after: 0, before, limit: batchDocuments, newest: true })
      const fresh = entries.filter((entry) => entry.at >= from)
      const documents = fresh.filter(
        (entry) => entry.kind === 'message' || entry.kind === 'edit' || entry.kind === 'delete',
      )
      if (documents.length > 0) await this.#search.index(documents.map(toDocument), String(from))
      const first = fresh[0]
      if (!first || fresh.length < batchDocuments) return
      before = first.seq
    }
  }
}

function positionAfter(entries: readonly Entry[]): string {
  return String(Math.max(0, ...entries.map((entry) => entry.at)) - overlap)
}

function toDocument(entry: Entry): SearchDocument {
  const { conversation, id } = entry
  const { target, content } = JSON.parse(entry.body) as { target?: number; content?: Content }
  const seq = target ?? entry.seq
  return { conversation, seq, id, text: entry.kind === 'delete' ? undefined : content && textOf(content) }
}

/** Words that a message can be found by. */
function textOf(content: Content): string | undefined {
  const words = [
    content.text,
    content.media?.caption,
    content.media?.name,
    content.location?.name,
    content.contact?.name,
  ]
  const text = words.filter((part) => part !== undefined).join('\n')
  return text === '' ? undefined : text
}
