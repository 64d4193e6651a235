import type { ConversationId, User } from '@parley/protocol'
import type { ClientEvents } from '../client-events.ts'
import type { Emitter } from '../lib/emitter.ts'
import { view } from '../model/view.ts'
import type { Observation } from '../observation.ts'
import type { Amending, OutboxItem, StoredConversation, StoredMessage, StoredSession } from './records.ts'
import type { Replica } from './replica.ts'
import type { Batch, MessageRange } from './store.ts'

/** Changes that become true together (see `Replica`). Records are replaced, never changed in place. */
export class Transaction {
  readonly #replica
  readonly #conversations = new Map<ConversationId, StoredConversation>()
  readonly #messages = new Map<ConversationId, Map<number, StoredMessage>>()
  readonly #cleared = new Map<ConversationId, number>()
  readonly #outbox = new Map<number, OutboxItem>()
  readonly #settled: number[] = []
  readonly #users = new Map<string, User>()
  #session: StoredSession | undefined
  #cursor: string | null | undefined
  #dropped: 'entries' | 'all' | undefined
  readonly told: ((events: Emitter<ClientEvents>) => void)[] = []
  readonly observed: Observation[] = []
  changed = false

  constructor(replica: Replica) {
    this.#replica = replica
  }

  get session(): StoredSession | undefined {
    return this.#session ?? (this.#dropped === 'all' ? undefined : this.#replica.session)
  }

  conversation(id: ConversationId): StoredConversation | undefined {
    return this.#conversations.get(id) ?? (this.#dropped ? undefined : this.#replica.conversations.get(id))
  }

  /** Changes of a conversation are told once, as it is at the end. */
  putConversation(conversation: StoredConversation): void {
    this.#conversations.set(conversation.id, conversation)
    this.changed = true
  }

  async message(conversation: ConversationId, seq: number): Promise<StoredMessage | undefined> {
    const staged = this.#messages.get(conversation)?.get(seq)
    if (staged || this.#dropped || seq < this.#firstOf(conversation)) return staged
    const [stored] = await this.#replica.messages(conversation, { from: seq, before: seq + 1, limit: 1 })
    return stored
  }

  /** Ascending, the newest `limit` of the range, with what was put here. */
  async messages(conversation: ConversationId, range: MessageRange): Promise<StoredMessage[]> {
    const { before, limit } = range
    const from = Math.max(range.from, this.#firstOf(conversation))
    const found = this.#dropped ? [] : await this.#replica.messages(conversation, { from, before, limit })
    const staged = this.#messages.get(conversation)
    if (!staged) return found
    const merged = new Map(found.map((message) => [message.seq, message]))
    for (const [seq, message] of staged) if (seq >= from && seq < before) merged.set(seq, message)
    const all = [...merged.values()].sort((a, b) => a.seq - b.seq)
    return all.slice(Math.max(0, all.length - limit))
  }

  putMessage(message: StoredMessage): void {
    const messages = this.#messages.get(message.conversation) ?? new Map<number, StoredMessage>()
    this.#messages.set(message.conversation, messages)
    messages.set(message.seq, message)
    this.changed = true
  }

  /** Messages before `before` go, those that were put here too. */
  clearMessages(conversation: ConversationId, before: number): void {
    this.#cleared.set(conversation, Math.max(before, this.#firstOf(conversation)))
    const staged = this.#messages.get(conversation)
    for (const seq of staged?.keys() ?? []) if (seq < before) staged?.delete(seq)
    this.changed = true
  }

  #firstOf(conversation: ConversationId): number {
    return this.#cleared.get(conversation) ?? 0
  }

  /** Pages of the history that are being read may lack it. */
  noteAmendment(amendment: Amending): void {
    for (const noted of this.#replica.pagesUnderWay.get(amendment.conversation) ?? []) noted.push(amendment)
  }

  putOutbox(item: OutboxItem): void {
    this.#outbox.set(item.order, item)
    this.changed = true
  }

  settleOutbox(order: number): void {
    this.#settled.push(order)
    this.changed = true
  }

  putUser(user: User): void {
    this.#users.set(user.id, user)
    this.changed = true
  }

  setSession(session: StoredSession): void {
    this.#session = session
    this.changed = true
  }

  setCursor(cursor: string | null): void {
    this.#cursor = cursor
    this.changed = true
  }

  /** Forgets what was stored: entries (rule Y4), or everything. To be called first. */
  drop(what: 'entries' | 'all'): void {
    this.#dropped = what
    this.changed = true
  }

  /** Observed when it is stored. */
  observe(observation: Observation): void {
    this.observed.push(observation)
  }

  /** Told when it is stored. */
  tell<Name extends keyof ClientEvents>(name: Name, event: ClientEvents[Name]): void {
    this.told.push((events) => events.emit(name, event))
  }

  batch(): Batch {
    const messages = [...this.#messages.values()].flatMap((bySeq) => [...bySeq.values()])
    const cleared = [...this.#cleared].map(([conversation, before]) => ({ conversation, before }))
    return {
      ...(this.#dropped === 'entries' && { dropEntries: true }),
      ...(this.#dropped === 'all' && { dropAll: true }),
      ...(cleared.length > 0 && { cleared }),
      ...(this.#session && { session: this.#session }),
      ...(this.#cursor !== undefined && { cursor: this.#cursor }),
      ...(this.#conversations.size > 0 && { conversations: [...this.#conversations.values()] }),
      ...(messages.length > 0 && { messages }),
      ...(this.#outbox.size > 0 && { outbox: [...this.#outbox.values()] }),
      ...(this.#settled.length > 0 && { settled: this.#settled }),
      ...(this.#users.size > 0 && { users: [...this.#users.values()] }),
    }
  }

  commit(): void {
    const replica = this.#replica
    if (this.#dropped) replica.conversations.clear()
    if (this.#dropped) replica.cursor = undefined
    if (this.#dropped === 'all') {
      replica.session = undefined
      replica.outbox.clear()
      replica.users.clear()
    }
    if (this.#session) replica.session = this.#session
    if (this.#cursor !== undefined) replica.cursor = this.#cursor ?? undefined
    for (const [id, user] of this.#users) replica.users.set(id, user)
    for (const [order, item] of this.#outbox) replica.outbox.set(order, item)
    for (const order of this.#settled) replica.outbox.delete(order)
    for (const [id, conversation] of this.#conversations) {
      replica.conversations.set(id, conversation)
      this.tell('conversation', view(conversation, replica.users))
    }
  }
}
