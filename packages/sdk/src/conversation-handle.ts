import type { Content, ConversationId, Membership, Message, Role, Settings, UserId } from '@parley/protocol'
import type { ConversationActions } from './conversation-actions.ts'
import type { CallOptions, SettingsChange } from './http/api.ts'
import type { Conversation } from './model/view.ts'
import type { OutboxItem } from './store/records.ts'
import type { MessageList, MessagesQuery, PageQuery } from './sync/history.ts'

export interface SendOptions extends CallOptions {
  /** seq of the message that is answered. */
  replyTo?: number
  mentions?: UserId[]
  /** Names the message once and for all: sent twice by that name, it is there once (rule D2). Made when not given. */
  clientMessageId?: string
}

/** What the server says of a message of mine when it is stored for every member (rule D1). */
export interface Sent {
  seq: number
  id: string
  sentAt: number
}

/** One conversation. A handle holds nothing: make as many as you like. */
export class ConversationHandle {
  readonly id: ConversationId
  readonly #do

  constructor(id: ConversationId, actions: ConversationActions) {
    this.id = id
    this.#do = actions
  }

  /** As it is now; undefined while this device does not know it. */
  get state(): Conversation | undefined {
    return this.#do.state(this.id)
  }

  /**
   * Stores the message on this device, then sends it, again until the server has it; the order of calls is kept.
   * Resolves when it is durable at the server. Aborting takes it back while it was not sent, else ends the waiting.
   * @throws ParleyError when it is refused for good; it is not in the outbox then.
   */
  send(content: string | Content, options: SendOptions = {}): Promise<Sent> {
    return this.#do.send(this.id, content, options)
  }

  /** Edits a message of mine, through the outbox like `send`. */
  edit(seq: number, content: string | Content, options: CallOptions = {}): Promise<void> {
    return this.#do.amend({ kind: 'edit', conversation: this.id, seq, content: this.#do.content(content) }, options)
  }

  /** Deletes a message for everyone (mine; an admin, any), or for me only. */
  delete(seq: number, how: 'everyone' | 'me' = 'everyone', options: CallOptions = {}): Promise<void> {
    return this.#do.amend({ kind: 'delete', conversation: this.id, seq, for: how }, options)
  }

  /** null takes my reaction back. */
  react(seq: number, emoji: string | null, options: CallOptions = {}): Promise<void> {
    return this.#do.amend({ kind: 'react', conversation: this.id, seq, emoji }, options)
  }

  /** Messages from the store, older ones from the server when it does not have them. */
  messages(query: MessagesQuery = {}): Promise<MessageList> {
    return this.#do.messages(this.id, query)
  }

  /** A page from the server, wherever it lies; see `MessageHistory.page`. */
  page(query: PageQuery): Promise<MessageList> {
    return this.#do.page(this.id, query)
  }

  /** The message at `seq`, when the store has it and it is not hidden. */
  message(seq: number): Promise<Message | undefined> {
    return this.#do.message(this.id, seq)
  }

  /** What waits to be sent to it, in order. */
  pending(): OutboxItem[] {
    return this.#do.pending(this.id)
  }

  /** Moves my read watermark to `seq` (to the newest when not given). It is told to the server when it can be. */
  read(seq: number = Number.MAX_SAFE_INTEGER): Promise<void> {
    return this.#do.read(this.id, seq)
  }

  /** Shown to the others for a moment; dropped without a socket. Call it again every few seconds while it goes on. */
  typing(state: 'typing' | 'recording' | 'idle' = 'typing'): void {
    this.#do.typing(this.id, state)
  }

  /** Present members, from the server. */
  members(options: CallOptions = {}): Promise<Membership[]> {
    return this.#do.members(this.id, options)
  }

  addMember(user: UserId, role?: Role, options: CallOptions = {}): Promise<Membership> {
    return this.#do.api.putMember(this.id, user, role, options)
  }

  setRole(user: UserId, role: Role, options: CallOptions = {}): Promise<Membership> {
    return this.#do.api.putMember(this.id, user, role, options)
  }

  removeMember(user: UserId, options: CallOptions = {}): Promise<void> {
    return this.#do.api.removeMember(this.id, user, options)
  }

  leave(options: CallOptions = {}): Promise<void> {
    return this.#do.leave(this.id, options)
  }

  /** Title, description, avatar, history of a group, as an admin. */
  async update(
    changes: { title?: string; description?: string; avatar?: string; history?: 'joined' | 'all' },
    options: CallOptions = {},
  ): Promise<void> {
    await this.#do.api.patchConversation(this.id, changes, options)
  }

  /** My own settings: mute, notifications, pin, archive. */
  setSettings(changes: SettingsChange, options: CallOptions = {}): Promise<Settings> {
    return this.#do.setSettings(this.id, changes, options)
  }

  /** Keeps the message at hand for me, on all my devices (rule F1). */
  star(seq: number, options: CallOptions = {}): Promise<void> {
    return this.#do.kept.star(this.id, seq, true, options)
  }

  unstar(seq: number, options: CallOptions = {}): Promise<void> {
    return this.#do.kept.star(this.id, seq, false, options)
  }

  /** Keeps the message in sight for all members; of more than three the oldest pin goes (rule F4). */
  pin(seq: number, options: CallOptions = {}): Promise<void> {
    return this.#do.kept.pin(this.id, seq, options)
  }

  unpin(seq: number, options: CallOptions = {}): Promise<void> {
    return this.#do.kept.unpin(this.id, seq, options)
  }

  /** The pinned messages that I may read, the oldest pin first; from the store, or the server. */
  pinned(options: CallOptions = {}): Promise<Message[]> {
    return this.#do.kept.pinned(this.id, options)
  }

  /** Says a message of here again there, as a forwarded one; resolves as `send` does, for each (rule F9). */
  forward(seq: number, to: readonly ConversationId[], options: CallOptions = {}): Promise<Sent[]> {
    return this.#do.forward(this.id, seq, to, options)
  }

  /**
   * Empties the conversation for me, on all my devices (rule F6); with `remove` it leaves my list, too, until something
   * is said in it (F8). One that I am not in any more is emptied on this device.
   */
  clear({ remove = false, ...options }: CallOptions & { remove?: boolean } = {}): Promise<void> {
    return this.#do.kept.clear(this.id, remove, options)
  }

  /** When each member got and saw my message. */
  async receipts(seq: number, options: CallOptions = {}) {
    return (await this.#do.api.receipts(this.id, seq, options)).items
  }

  /** Messages here that hold these words. */
  async search(query: string, options: CallOptions & { limit?: number } = {}): Promise<Message[]> {
    const { limit, signal } = options
    const filter = { query, conversation: this.id, ...(limit !== undefined && { limit }) }
    return (await this.#do.api.search(filter, { signal })).items
  }
}
