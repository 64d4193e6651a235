import type { ConversationId, UserId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import type { AppendBatch, AppendOutcome, ConversationLog, EntryRange, StoredSend } from '../../log/conversation-log.ts'
import { type Entry, emptyHead, type Head } from '../../log/entry.ts'
import type { Place } from '../../sync/place.ts'
import type { Pointer } from '../../sync/sync-queue.ts'
import { type MemoryConversation, type MemoryStores, pairKey } from './stores.ts'

/**
 * The log in memory. An append is one step here; its halves are public, so that an adapter over this one can die,
 * or be overtaken, between them.
 */
export class MemoryConversationLog implements ConversationLog {
  readonly #stores: MemoryStores
  readonly #clock: Clock

  constructor(stores: MemoryStores, clock: Clock) {
    this.#stores = stores
    this.#clock = clock
  }

  async append(batch: AppendBatch): Promise<AppendOutcome> {
    const refused = this.store(batch)
    if (refused) return refused
    return { status: 'appended', places: this.#finishAll(batch.conversation, batch) }
  }

  async complete(conversation: ConversationId): Promise<void> {
    this.#finishAll(conversation, undefined)
  }

  /** Nodes have no names here: what is left is left by somebody who is gone. */
  async completeLeft(): Promise<number> {
    const left = this.left()
    for (const conversation of left) this.#finishAll(conversation, undefined)
    return left.length
  }

  /** First half of an append: entries, head and sends. Undefined when they were written. */
  store(batch: AppendBatch): Exclude<AppendOutcome, { status: 'appended' }> | undefined {
    const known = this.#stores.conversations.get(batch.conversation)
    const sends = new Map<number, StoredSend>()
    for (const [index, entry] of batch.entries.entries()) {
      const send = entry.clientMessageId && known?.sends.get(pairKey(entry.sender, entry.clientMessageId))
      if (send) sends.set(index, send)
    }
    if (sends.size > 0) return { status: 'duplicate', sends }
    if ((known?.head.seq ?? 0) !== batch.expect) return { status: 'moved', head: known?.head ?? emptyHead(0) }
    const log = known ?? this.#stores.conversation(batch.conversation, batch.head.at)
    for (const { fingerprint, ...entry } of batch.entries) {
      log.entries.push(entry)
      if (entry.kind === 'delete') log.deleted.add(targetOf(entry))
      if (entry.clientMessageId === undefined) continue
      const send = { seq: entry.seq, id: entry.id, at: entry.at, fingerprint: fingerprint ?? '' }
      log.sends.set(pairKey(entry.sender, entry.clientMessageId), send)
    }
    log.head = batch.head
    log.unfinished.push(batch)
    return undefined
  }

  /** Batches whose second half is not done, oldest first. */
  unfinished(conversation: ConversationId): readonly AppendBatch[] {
    return this.#stores.conversations.get(conversation)?.unfinished ?? []
  }

  /** Conversations with batches whose second half is not done. */
  left(): ConversationId[] {
    return [...this.#stores.conversations].flatMap(([id, { unfinished }]) => (unfinished.length > 0 ? id : []))
  }

  /** Part of the second half: a row at the end of a user's queue. */
  place(user: UserId, pointer: Pointer): Place {
    return this.#stores.place(user, { at: this.#clock.now(), pointer })
  }

  /** End of the second half: the projection; the batch and all before it are done. */
  finish(batch: AppendBatch): void {
    const log = this.#stores.conversations.get(batch.conversation)
    if (!log?.unfinished.includes(batch)) return
    if (batch.projection) this.#stores.project(batch.projection)
    log.unfinished = log.unfinished.filter((other) => other.expect > batch.expect)
  }

  #finishAll(conversation: ConversationId, own: AppendBatch | undefined): Place[] {
    const places: Place[] = []
    for (const batch of [...this.unfinished(conversation)]) {
      for (const { users, from, to } of batch.audiences) {
        for (const user of users) {
          const place = this.place(user, { kind: 'entries', conversation, from, to })
          if (batch === own) places.push(place)
        }
      }
      this.finish(batch)
    }
    return places
  }

  async findSend(
    conversation: ConversationId,
    sender: UserId,
    clientMessageId: string,
  ): Promise<StoredSend | undefined> {
    return this.#stores.conversations.get(conversation)?.sends.get(pairKey(sender, clientMessageId))
  }

  async head(conversation: ConversationId): Promise<Head | undefined> {
    return this.#stores.conversations.get(conversation)?.head
  }

  async read(conversation: ConversationId, { after, before, limit, newest, kind }: EntryRange): Promise<Entry[]> {
    const log = this.#stores.conversations.get(conversation)
    if (!log) return []
    const range = log.entries.slice(after, Math.max(before - 1, after))
    const found = kind ? range.filter((entry) => entry.kind === kind) : range
    const page = newest ? found.slice(Math.max(found.length - limit, 0)) : found.slice(0, limit)
    return page.map((entry) => asRead(log, entry))
  }

  async amendments(conversation: ConversationId, from: number, to: number): Promise<Entry[]> {
    const log = this.#stores.conversations.get(conversation)
    if (!log) return []
    const newest = new Map<string, Entry>()
    for (const entry of log.entries.slice(from)) {
      if (entry.kind !== 'edit' && entry.kind !== 'delete' && entry.kind !== 'reaction') continue
      const target = targetOf(entry)
      if (target < from || target > to) continue
      newest.set(`${target} ${entry.kind} ${entry.kind === 'reaction' ? entry.sender : ''}`, entry)
    }
    return [...newest.values()].sort((a, b) => a.seq - b.seq).map((entry) => asRead(log, entry))
  }

  async countOwn(conversation: ConversationId, sender: UserId, after: number, upTo: number): Promise<number> {
    return this.#messages(conversation, after, upTo).filter((entry) => entry.sender === sender).length
  }

  async authors(conversation: ConversationId, after: number, upTo: number): Promise<UserId[]> {
    return [...new Set(this.#messages(conversation, after, upTo).map((entry) => entry.sender))]
  }

  async trimSends(before: number, limit: number): Promise<number> {
    let trimmed = 0
    for (const { sends } of this.#stores.conversations.values()) {
      for (const [key, send] of sends) {
        if (trimmed === limit) return trimmed
        if (send.at < before && sends.delete(key)) trimmed++
      }
    }
    return trimmed
  }

  #messages(conversation: ConversationId, after: number, upTo: number): Entry[] {
    const entries = this.#stores.conversations.get(conversation)?.entries ?? []
    return entries.slice(after, Math.max(upTo, after)).filter((entry) => entry.kind === 'message')
  }
}

function targetOf(entry: Entry): number {
  return (JSON.parse(entry.body) as { target: number }).target
}

/** What was deleted for everyone has no content any more, and neither have its edits. */
function asRead(log: MemoryConversation, entry: Entry): Entry {
  const seq = entry.kind === 'message' ? entry.seq : entry.kind === 'edit' ? targetOf(entry) : 0
  if (!log.deleted.has(seq)) return entry
  return { ...entry, body: JSON.stringify({ ...(JSON.parse(entry.body) as object), content: {} }) }
}
