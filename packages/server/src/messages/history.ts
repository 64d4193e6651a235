import type { EntryPage, EntryUpdate, Message, MessagePage, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { ConversationService } from '../conversations/conversations.ts'
import type { OwnStore } from '../conversations/own-store.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { ConversationState } from '../log/conversation-state.ts'
import type { Entry } from '../log/entry.ts'
import { EntryEvent } from '../log/entry-event.ts'
import { inInterval, joinedSeq, mayReadHistory } from '../log/fold.ts'
import type { ReceiptStore } from './receipt-store.ts'
import { byTarget, reachedAt, renderMessage } from './rendering.ts'

export interface PageBounds {
  before?: number | undefined
  after?: number | undefined
  limit: number
}

/** What was said: pages of messages as they are now, and of entries as they were made. */
export class History {
  readonly #conversations
  readonly #log
  readonly #store
  readonly #receipts

  constructor(deps: {
    conversations: ConversationService
    log: ConversationLog
    store: OwnStore
    receipts: ReceiptStore
  }) {
    this.#conversations = deps.conversations
    this.#log = deps.log
    this.#store = deps.store
    this.#receipts = deps.receipts
  }

  async page({ user }: Identity, conversation: string, { before, after, limit }: PageBounds): Promise<MessagePage> {
    const state = await this.#conversations.stateFor(user, conversation)
    const cleared = await this.#store.cleared(user, conversation)
    const first = Math.max(firstVisible(state, user), cleared + 1)
    const lowest = Math.max(after ?? 0, first - 1)
    const highest = Math.min(before ?? Number.MAX_SAFE_INTEGER, state.seq + 1)
    const newest = after === undefined
    const range = { after: lowest, before: highest, limit, newest, kind: 'message' as const }
    const entries = lowest + 1 < highest ? await this.#log.read(conversation, range) : []
    const items = await this.render(state, user, entries)
    const full = entries.length === limit
    const from = full && newest ? (entries[0] as Entry).seq : lowest + 1
    const to = full && !newest ? (entries.at(-1) as Entry).seq : highest - 1
    const more = newest ? from > first : to < highest - 1
    return { items, from, to, ...(full && more ? { next: String(newest ? from : to) } : {}) }
  }

  async entries({ user }: Identity, conversation: string, after: number, limit: number): Promise<EntryPage> {
    const state = await this.#conversations.stateFor(user, conversation)
    const start = Math.max(after, firstVisible(state, user) - 1)
    const before = state.seq + 1
    const entries = start + 1 < before ? await this.#log.read(conversation, { after: start, before, limit }) : []
    const visible = entries.filter((entry) => mayReadHistory(state.record, user, entry.seq))
    const items: EntryUpdate[] = visible.map((entry) => new EntryEvent(entry).update(user))
    const last = entries.at(-1)
    return { items, ...(last && last.seq < state.seq ? { next: String(last.seq) } : {}) }
  }

  /** Entries of kind `message` as `user` sees them now; hidden, cleared and invisible ones are left out. */
  async render(state: ConversationState, user: UserId, entries: readonly Entry[]): Promise<Message[]> {
    const visible = entries.filter((entry) => mayReadHistory(state.record, user, entry.seq))
    const first = visible[0]
    const last = visible.at(-1)
    if (!first || !last) return []
    const { conversation } = state
    const [amendments, hidden, stars, cleared, watermarks] = await Promise.all([
      this.#log.amendments(conversation, first.seq, last.seq),
      this.#store.hidden(user, conversation, first.seq, last.seq),
      this.#store.starsIn(user, conversation, first.seq, last.seq),
      this.#store.cleared(user, conversation),
      this.#watermarks(state, user, visible),
    ])
    const targets = byTarget(amendments)
    const gone = new Set(hidden)
    const starred = new Map(stars.map(({ seq, at }) => [seq, at]))
    const messages: Message[] = []
    for (const entry of visible) {
      if (gone.has(entry.seq) || entry.seq <= cleared) continue
      const message = renderMessage(entry, targets.get(entry.seq) ?? [], user)
      if (entry.sender === user) Object.assign(message, reachedAt(entry.seq, receiversOf(state, entry), watermarks))
      const starredAt = starred.get(entry.seq)
      if (starredAt !== undefined) message.starredAt = starredAt
      messages.push(message)
    }
    return messages
  }

  async #watermarks(state: ConversationState, user: UserId, entries: readonly Entry[]) {
    const own = entries.filter((entry) => entry.sender === user)
    const first = own[0]
    const last = own.at(-1)
    if (!first || !last) return []
    const others = state.present.filter((member) => member !== user)
    return this.#receipts.covering(state.conversation, others, first.seq, last.seq)
  }
}

/** Present members, the author aside, who were there when it was said. */
export function receiversOf({ present, record }: ConversationState, entry: Entry): UserId[] {
  return present.filter((user) => user !== entry.sender && inInterval(record.members.get(user), entry.seq))
}

/** The first seq of the history that a present member may read (rule D5). */
export function firstVisible({ record }: ConversationState, user: UserId): number {
  if (record.history === 'all') return 1
  const member = record.members.get(user)
  return member?.intervals[0]?.from ?? (member ? joinedSeq(member) : 1)
}
