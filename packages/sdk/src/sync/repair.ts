import type { ConversationId, EntryPage, InboxItem, Settings, UserId } from '@parley/protocol'
import type { Api } from '../http/api.ts'
import type { Clock, Random } from '../lib/environment.ts'
import { ParleyError } from '../lib/errors.ts'
import { retrying } from '../lib/retrying.ts'
import { clearedUpTo, fromInbox, newConversation, withInfo, withMembers } from '../model/conversation.ts'
import type { StoredConversation } from '../store/records.ts'
import type { Replica } from '../store/replica.ts'
import type { Transaction } from '../store/transaction.ts'
import { applyEntry, replaceMessage } from './apply-entry.ts'
import { markReached } from './apply-receipts.ts'
import { countOthers, readUpTo } from './unread.ts'

const pageSize = 100
const entryPageSize = 500

/** Reads over HTTP what did not come, or does not come, as an event. */
export class Repair {
  readonly #replica
  readonly #api
  readonly #tools
  /** Conversations whose details are on their way. */
  readonly #asking = new Set<ConversationId>()

  constructor(deps: { replica: Replica; api: Api; clock: Clock; random: Random }) {
    this.#replica = deps.replica
    this.#api = deps.api
    this.#tools = { clock: deps.clock, random: deps.random }
  }

  /** A beginning without entries: what the inbox says, and the cursor from which events follow (rule Y1). */
  async baseline(cursor: string, reason: 'fresh' | 'reset', signal: AbortSignal): Promise<void> {
    const items: InboxItem[] = []
    let next: string | undefined
    do {
      const query = { limit: pageSize, ...(next !== undefined && { cursor: next }) }
      const page = await retrying(this.#tools, signal, () => this.#api.inbox(query, { signal }))
      items.push(...page.items)
      next = page.next
    } while (next !== undefined)
    await this.#replica.transact((tx) => {
      // What is stored may be of another user by now.
      signal.throwIfAborted()
      tx.drop('entries')
      if (reason === 'reset') tx.observe({ type: 'reset' })
      for (const item of items) adopt(tx, item)
      tx.setCursor(cursor)
      tx.tell('reset', { reason })
    })
  }

  /** Compares the heads of the first inbox page with what is here, and reads what is missing (rule Y8). */
  async compareHeads(signal: AbortSignal): Promise<void> {
    const { items } = await retrying(this.#tools, signal, () => this.#api.inbox({ limit: 20 }, { signal }))
    for (const item of items) {
      const { id, head } = item.conversation
      const known = this.#replica.conversations.get(id)
      if (!known) await this.#replica.transact((tx) => adoptUnknown(tx, item))
      else if (known.role !== null && known.applied < head) await this.fill(id, known.applied, head, signal)
    }
  }

  /** Applies the entries after `after` up to `upTo`. What the server does not show then was never mine to see. */
  async fill(conversation: ConversationId, after: number, upTo: number, signal: AbortSignal): Promise<void> {
    const me = this.#replica.session?.user.id
    if (me === undefined) return
    let from = after
    for (;;) {
      const page = await this.#entries(conversation, from, signal)
      await this.#replica.transact(async (tx) => {
        signal.throwIfAborted()
        for (const entry of page.items) await applyEntry(tx, entry, me, 'all')
        const known = tx.conversation(conversation)
        if (page.next === undefined && known && known.applied < upTo) tx.putConversation({ ...known, applied: upTo })
      })
      const last = Math.max(page.items.at(-1)?.seq ?? 0, Number(page.next ?? upTo))
      if (page.next === undefined || last >= upTo || last <= from) return
      from = last
    }
  }

  async #entries(conversation: ConversationId, after: number, signal: AbortSignal): Promise<EntryPage> {
    try {
      const query = { after, limit: entryPageSize }
      return await retrying(this.#tools, signal, () => this.#api.entries(conversation, query, { signal }))
    } catch (error) {
      // Removed meanwhile (rule D5): the removing entry is on its way.
      if (error instanceof ParleyError && error.code === 'not_found') return { items: [] }
      throw error
    }
  }

  /** The content of a message as the server completed it: type, size, name of its media. */
  async content(conversation: ConversationId, seq: number, signal: AbortSignal): Promise<void> {
    const query = { after: seq - 1, before: seq + 1, limit: 1 }
    const { items } = await retrying(this.#tools, signal, () => this.#api.messages(conversation, query, { signal }))
    const [item] = items
    if (item?.seq !== seq) return
    await this.#replica.transact(async (tx) => {
      const [known, message] = [tx.conversation(conversation), await tx.message(conversation, seq)]
      if (!known || !message || message.deletedAt !== undefined) return
      tx.putConversation(replaceMessage(tx, known, { ...message, content: item.content }))
    })
  }

  /** A conversation without a beginning here: as the inbox has it now. */
  async adopt(id: ConversationId, signal: AbortSignal): Promise<void> {
    const item = await this.#inInbox(id, signal)
    if (item) return this.#replica.transact((tx) => adoptUnknown(tx, item))
    await this.#replica.transact((tx) => {
      // Not in the inbox: no longer a member, or nothing was said. Its entries so far are not for this device.
      if (!tx.conversation(id)) tx.putConversation({ ...newConversation(id, 0), role: null })
    })
  }

  async #inInbox(id: ConversationId, signal: AbortSignal): Promise<InboxItem | undefined> {
    let next: string | undefined
    do {
      const query = { limit: pageSize, ...(next !== undefined && { cursor: next }) }
      const page = await retrying(this.#tools, signal, () => this.#api.inbox(query, { signal }))
      const item = page.items.find(({ conversation }) => conversation.id === id)
      if (item) return item
      next = page.next
    } while (next !== undefined)
    return undefined
  }

  /** How much is unread now that it is read up to `seq` elsewhere, as the server counts it (rule Y6). */
  async count(id: ConversationId, seq: number, signal: AbortSignal): Promise<void> {
    const item = await this.#inInbox(id, signal)
    await this.#replica.transact(async (tx) => {
      const [known, me] = [tx.conversation(id), tx.session?.user.id]
      if (!known || me === undefined) return
      const counted = item ? await withCount(tx, known, item, me) : known
      // What the server does not show may be known when it is asked again; the mark stands all the same.
      const read = counted.read < seq ? { ...(await readUpTo(tx, counted, me, seq)), readSent: seq } : counted
      tx.putConversation(read)
    })
  }

  /** As `adopt`, with everything up to `seq`, which is mine and does not come as an event (rule D7). */
  async adoptUpTo(id: ConversationId, seq: number, signal: AbortSignal): Promise<void> {
    await this.adopt(id, signal)
    // It may have begun meanwhile with an event that came before the answer.
    const known = this.#replica.conversations.get(id)
    if (known && known.role !== null && known.applied < seq) await this.fill(id, known.applied, seq, signal)
  }

  /** Title, kind, members, peer and settings of conversations that came without. */
  async complete(signal: AbortSignal): Promise<void> {
    const partial = [...this.#replica.conversations.values()].filter((known) => known.partial && known.role !== null)
    for (const { id } of partial) await this.details(id, signal)
  }

  /** What I set and cleared before this device had the conversation. undefined when the server does not tell. */
  async #own(id: ConversationId, signal: AbortSignal): Promise<{ settings: Settings; cleared: number } | undefined> {
    try {
      const own = await retrying(this.#tools, signal, () => this.#api.membership(id, { signal }))
      const { user: _, role: __, joinedSeq: ___, read: ____, cleared = 0, ...settings } = own
      return { settings, cleared }
    } catch (error) {
      if (error instanceof ParleyError) return undefined
      throw error
    }
  }

  async details(id: ConversationId, signal: AbortSignal): Promise<void> {
    const me = this.#replica.session?.user.id
    if (me === undefined || this.#asking.has(id)) return
    this.#asking.add(id)
    try {
      const info = await retrying(this.#tools, signal, () => this.#api.conversation(id, { signal }))
      const { items } = await retrying(this.#tools, signal, () => this.#api.members(id, { signal }))
      const before = this.#replica.conversations.get(id)?.settings
      const own = await this.#own(id, signal)
      const peer = info.kind === 'direct' ? items.find(({ user }) => user !== me)?.user : undefined
      const user = peer === undefined ? undefined : await this.#api.user(peer, { signal }).catch(() => undefined)
      await this.#replica.transact(async (tx) => {
        if (user) tx.putUser(user)
        const known = tx.conversation(id)
        if (!known) return
        let complete = withMembers(withInfo(known, info), items, me)
        if (own && own.cleared > (known.cleared ?? 0)) {
          complete = clearedUpTo(complete, own.cleared)
          tx.clearMessages(id, own.cleared + 1)
        }
        // Unless an update of them, which is newer, came meanwhile.
        if (own && known.settings === before) complete.settings = own.settings
        tx.putConversation(await markReached(tx, complete, me, complete.from, complete.applied + 1))
      })
    } catch (error) {
      if (!(error instanceof ParleyError && error.code === 'not_found')) throw error
    } finally {
      this.#asking.delete(id)
    }
  }
}

/** What is unread by the inbox, and what was applied behind its head. An older mark than the one here says nothing. */
async function withCount(
  tx: Transaction,
  known: StoredConversation,
  { conversation: { id, head }, membership: { read }, unread }: InboxItem,
  me: UserId,
): Promise<StoredConversation> {
  if (read < known.read) return known
  const behind = await countOthers(tx, id, me, head + 1, known.applied + 1)
  return {
    ...known,
    read,
    readSent: Math.max(known.readSent, read),
    unread: unread + behind,
    counted: Math.max(head, known.applied),
  }
}

function adoptUnknown(tx: Transaction, item: InboxItem): void {
  if (!tx.conversation(item.conversation.id)) adopt(tx, item)
}

function adopt(tx: Transaction, item: InboxItem): void {
  const conversation = fromInbox(item)
  tx.putConversation(conversation)
  tx.observe({ type: 'baseline', conversation: conversation.id, head: conversation.applied })
  if (conversation.lastMessage) tx.putMessage(conversation.lastMessage)
  if (item.peer) tx.putUser(item.peer)
}
