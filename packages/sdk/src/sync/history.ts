import type { ConversationId, Message, MessagePage } from '@parley/protocol'
import type { Api } from '../http/api.ts'
import { withStars } from '../model/conversation.ts'
import { amend, fromPage, shown } from '../model/message.ts'
import type { Amending, StoredConversation, StoredMessage } from '../store/records.ts'
import type { Replica } from '../store/replica.ts'
import type { Transaction } from '../store/transaction.ts'

export interface MessagesQuery {
  /** Only messages before this seq. */
  before?: number | undefined
  /** How many, 50 when not given. */
  limit?: number | undefined
  signal?: AbortSignal | undefined
  /** Only from the store: never asks the server. */
  local?: boolean | undefined
}

/** A page from one side of a seq. */
export interface PageQuery {
  before?: number | undefined
  after?: number | undefined
  limit?: number | undefined
  signal?: AbortSignal | undefined
}

export interface MessageList {
  /** Ascending by seq. */
  items: Message[]
  /** True when there may be more in the direction of the query: older ones, or newer ones `after` a seq. */
  more: boolean
}

const largestPage = 200

/** Messages from the store; what is older than it, page by page from the server. */
export class MessageHistory {
  readonly #replica
  readonly #api

  constructor(replica: Replica, api: Api) {
    this.#replica = replica
    this.#api = api
  }

  async list(conversation: ConversationId, query: MessagesQuery = {}): Promise<MessageList> {
    const { before = Number.MAX_SAFE_INTEGER, limit = 50, signal, local = false } = query
    for (;;) {
      const known = this.#replica.conversations.get(conversation)
      if (!known) return { items: [], more: false }
      const items = await this.#stored(known, before, limit)
      const enough = items.length >= limit || known.complete || known.role === null
      if (enough || local) return { items, more: items.length >= limit || !known.complete }
      try {
        await this.#loadBefore(known, Math.min(largestPage, Math.max(limit, 20)), signal)
      } catch (error) {
        if (items.length === 0 || signal?.aborted) throw error
        return { items, more: true }
      }
    }
  }

  async #stored({ id, from }: StoredConversation, before: number, limit: number): Promise<Message[]> {
    const items: Message[] = []
    let end = before
    // Hidden ones are left out: look further back until there are enough.
    while (items.length < limit && end > from) {
      const found = await this.#replica.messages(id, { from, before: end, limit })
      items.unshift(...found.flatMap((message) => shown(message) ?? []))
      if (found.length < limit) break
      end = found[0]!.seq
    }
    return items.slice(Math.max(0, items.length - limit))
  }

  /**
   * A page wherever it lies, from the server. It is kept, and what amends its messages is folded into them; `list` does
   * not show it before everything between is there.
   */
  async page(conversation: ConversationId, query: PageQuery): Promise<MessageList> {
    const { before, after, limit = 50, signal } = query
    const range = { ...(before !== undefined && { before }), ...(after !== undefined && { after }), limit }
    return this.#read(conversation, range, signal, (_tx, page, messages) => ({
      items: messages.flatMap((message) => shown(message) ?? []),
      more: page.next !== undefined,
    }))
  }

  async #loadBefore({ id, from }: StoredConversation, limit: number, signal: AbortSignal | undefined): Promise<void> {
    await this.#read(id, { before: from, limit }, signal, (tx, page) => {
      const known = tx.conversation(id)
      // Dropped, or read by somebody else meanwhile.
      if (known?.from !== from) return
      const { cleared = 0 } = known
      tx.putConversation({
        ...known,
        from: Math.min(Math.max(page.from, cleared + 1), from),
        complete: page.next === undefined || page.from >= from || page.from <= cleared,
      })
    })
  }

  /** Stores what the server has in a range, with what amended it meanwhile. */
  async #read<T>(
    id: ConversationId,
    range: { before?: number; after?: number; limit: number },
    signal: AbortSignal | undefined,
    then: (tx: Transaction, page: MessagePage, messages: StoredMessage[]) => T,
  ): Promise<T> {
    const meanwhile: Amending[] = []
    const underWay = this.#replica.pagesUnderWay
    const pages = underWay.get(id) ?? new Set()
    underWay.set(id, pages)
    pages.add(meanwhile)
    try {
      const page = await this.#api.messages(id, range, { signal })
      return await this.#replica.transact(async (tx) => {
        const known = tx.conversation(id)
        // It may have been made before what is in it was cleared.
        const visible = page.items.filter(({ seq }) => seq > (known?.cleared ?? 0))
        const messages: StoredMessage[] = []
        for (const item of visible) messages.push(await withReceipts(tx, withLater(fromPage(item), meanwhile)))
        if (known) {
          for (const message of messages) {
            tx.putMessage(message)
            tx.observe({ type: 'fetched', conversation: id, seq: message.seq })
          }
          const starred = withStars(known, messages)
          if (starred !== known) tx.putConversation(starred)
        }
        return then(tx, page, messages)
      })
    } finally {
      pages.delete(meanwhile)
      if (pages.size === 0 && underWay.get(id) === pages) underWay.delete(id)
    }
  }
}

/** Receipts that came meanwhile are not in the page. */
async function withReceipts(tx: Transaction, message: StoredMessage): Promise<StoredMessage> {
  const stored = await tx.message(message.conversation, message.seq)
  const deliveredAt = message.deliveredAt ?? stored?.deliveredAt
  const seenAt = message.seenAt ?? stored?.seenAt
  return { ...message, ...(deliveredAt !== undefined && { deliveredAt }), ...(seenAt !== undefined && { seenAt }) }
}

/** What amended a message while its page was under way, and may not be in it. */
function withLater(message: StoredMessage, later: readonly Amending[]): StoredMessage {
  let result = message
  for (const amendment of later) {
    if (amendment.target !== message.seq) continue
    result = amend(result, amendment)
  }
  return result
}
