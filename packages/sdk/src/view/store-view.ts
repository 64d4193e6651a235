import type { ConversationId, Message, User, UserId } from '@parley/protocol'
import { Emitter } from '../lib/emitter.ts'
import { shown } from '../model/message.ts'
import { byActivity, type Conversation, isListed, type ListOptions, view } from '../model/view.ts'
import type { OutboxItem, StoredConversation, StoredMessage, StoredSession } from '../store/records.ts'
import type { Batch, MessageRange, Store, StoredState } from '../store/store.ts'

/** What a view tells, after each batch. */
export interface StoreViewEvents {
  session: StoredSession | undefined
  /** Which conversations changed. */
  conversations: ReadonlySet<ConversationId>
  /** Messages that are new or changed, ascending; undefined: hidden for me. */
  messages: { conversation: ConversationId; changes: ReadonlyMap<number, Message | undefined> }
  /** Messages up to `upTo` are gone (rule F6). */
  cleared: { conversation: ConversationId; upTo: number }
  /** Conversations to which something else waits to be sent now. */
  outbox: ReadonlySet<ConversationId>
  users: ReadonlySet<UserId>
  /** Everything that was read from the view before is void. */
  dropped: 'entries' | 'all'
}

/**
 * What a device knows, for those who show it: read from the store once, then kept up by the batches that the
 * device's client applies to it, in their order, wherever that client is. Holds no messages.
 */
export class StoreView {
  readonly #store
  readonly #events = new Emitter<StoreViewEvents>()
  readonly #conversations = new Map<ConversationId, StoredConversation>()
  readonly #shown = new Map<
    ConversationId,
    { stored: StoredConversation; peer: User | undefined; view: Conversation }
  >()
  readonly #outbox = new Map<number, OutboxItem>()
  readonly #users = new Map<UserId, User>()
  #session: StoredSession | undefined

  private constructor(store: Pick<Store, 'messages'>, state: StoredState) {
    this.#store = store
    this.#restore(state)
  }

  static async open(store: Pick<Store, 'load' | 'messages'>): Promise<StoreView> {
    return new StoreView(store, await store.load())
  }

  get session(): StoredSession | undefined {
    return this.#session
  }

  on<Name extends keyof StoreViewEvents>(name: Name, listener: (event: StoreViewEvents[Name]) => void): () => void {
    return this.#events.on(name, listener)
  }

  /** My conversations, newest activity first; those I left or removed only when asked for. */
  conversations(options: ListOptions = {}): Conversation[] {
    return [...this.#conversations.values()]
      .filter((stored) => isListed(stored, options))
      .sort(byActivity)
      .map((stored) => this.#view(stored))
  }

  /** The same object until it changes. */
  conversation(id: ConversationId): Conversation | undefined {
    const stored = this.#conversations.get(id)
    return stored && this.#view(stored)
  }

  user(id: UserId): User | undefined {
    return id === this.#session?.user.id ? this.#session.user : this.#users.get(id)
  }

  users(): User[] {
    return [...this.#users.values()]
  }

  /** What waits to be sent to a conversation, in order. */
  pending(conversation: ConversationId): OutboxItem[] {
    return [...this.#outbox.values()]
      .filter((item) => item.conversation === conversation)
      .sort((a, b) => a.order - b.order)
  }

  /** From where on the store has every visible message of a conversation, and whether that is all there is. */
  extent(conversation: ConversationId): { from: number; complete: boolean } {
    const stored = this.#conversations.get(conversation)
    return { from: stored?.from ?? 1, complete: stored === undefined || stored.complete || stored.role === null }
  }

  /** Visible messages of the store in a range, ascending. Fewer than `limit` only at its end. */
  async messages(conversation: ConversationId, range: MessageRange): Promise<Message[]> {
    const { limit, oldest = false } = range
    let from = Math.max(range.from, oldest ? 0 : this.extent(conversation).from)
    let { before } = range
    const items: Message[] = []
    // Hidden ones are left out: look further until there are enough.
    while (items.length < limit && before > from) {
      const found = await this.#store.messages(conversation, { from, before, limit, oldest })
      const visible = found.flatMap((message) => shown(message) ?? [])
      if (oldest) items.push(...visible)
      else items.unshift(...visible)
      if (found.length < limit) break
      if (oldest) from = found.at(-1)!.seq + 1
      else before = found[0]!.seq
    }
    return oldest ? items.slice(0, limit) : items.slice(Math.max(0, items.length - limit))
  }

  /** Follows a batch that is in the store. */
  apply(batch: Batch): void {
    const dropped = batch.dropAll ? 'all' : batch.dropEntries ? 'entries' : undefined
    if (dropped) this.#drop(dropped)
    if (batch.session) this.#session = batch.session
    for (const user of batch.users ?? []) this.#users.set(user.id, user)
    for (const conversation of batch.conversations ?? []) this.#conversations.set(conversation.id, conversation)
    const waiting = new Set<ConversationId>()
    for (const order of batch.settled ?? []) {
      const item = this.#outbox.get(order)
      if (item) waiting.add(item.conversation)
      this.#outbox.delete(order)
    }
    for (const item of batch.outbox ?? []) {
      waiting.add(item.conversation)
      this.#outbox.set(item.order, item)
    }
    this.#tell(batch, dropped, waiting)
  }

  /** Reads the store again: for when batches were missed. */
  async reload(store: Pick<Store, 'load'>): Promise<void> {
    const state = await store.load()
    this.#drop('all')
    this.#restore(state)
    this.#events.emit('dropped', 'entries')
    this.#events.emit('session', this.#session)
  }

  #restore({ session, conversations, outbox, users }: StoredState): void {
    this.#session = session
    for (const conversation of conversations) this.#conversations.set(conversation.id, conversation)
    for (const item of outbox) this.#outbox.set(item.order, item)
    for (const user of users) this.#users.set(user.id, user)
  }

  #drop(what: 'entries' | 'all'): void {
    this.#conversations.clear()
    this.#shown.clear()
    if (what === 'entries') return
    this.#session = undefined
    this.#outbox.clear()
    this.#users.clear()
  }

  #tell(batch: Batch, dropped: 'entries' | 'all' | undefined, waiting: ReadonlySet<ConversationId>): void {
    if (dropped) this.#events.emit('dropped', dropped)
    if (batch.session || dropped === 'all') this.#events.emit('session', this.#session)
    if (batch.users?.length) this.#events.emit('users', new Set(batch.users.map(({ id }) => id)))
    // What waited is gone in the same step in which its message is there: nobody sees both, or neither.
    if (waiting.size > 0) this.#events.emit('outbox', waiting)
    for (const { conversation, before } of batch.cleared ?? []) {
      this.#events.emit('cleared', { conversation, upTo: before - 1 })
    }
    for (const [conversation, changes] of byConversation(batch.messages ?? [])) {
      this.#events.emit('messages', { conversation, changes })
    }
    if (batch.conversations?.length) {
      this.#events.emit('conversations', new Set(batch.conversations.map(({ id }) => id)))
    }
  }

  #view(stored: StoredConversation): Conversation {
    const peer = stored.peer === undefined ? undefined : this.#users.get(stored.peer)
    const known = this.#shown.get(stored.id)
    if (known && known.stored === stored && known.peer === peer) return known.view
    const made = view(stored, this.#users)
    this.#shown.set(stored.id, { stored, peer, view: made })
    return made
  }
}

function byConversation(messages: readonly StoredMessage[]): Map<ConversationId, Map<number, Message | undefined>> {
  const result = new Map<ConversationId, Map<number, Message | undefined>>()
  for (const message of [...messages].sort((a, b) => a.seq - b.seq)) {
    const changes = result.get(message.conversation) ?? new Map<number, Message | undefined>()
    result.set(message.conversation, changes)
    changes.set(message.seq, shown(message))
  }
  return result
}

/** `store`, telling `applied` of each batch that it has. */
export function toldStore(store: Store, applied: (batch: Batch) => void): Store {
  return {
    load: () => store.load(),
    apply: async (batch) => {
      await store.apply(batch)
      applied(batch)
    },
    messages: (conversation, range) => store.messages(conversation, range),
    close: () => store.close(),
  }
}
