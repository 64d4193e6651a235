import { type Content, type ConversationId, type Membership, oversizedPart, type Settings } from '@parley/protocol'
import type { Way } from './connection/way.ts'
import type { SendOptions, Sent } from './conversation-handle.ts'
import type { Api, CallOptions, SettingsChange } from './http/api.ts'
import { KeptActions } from './kept-actions.ts'
import type { Random } from './lib/environment.ts'
import { ParleyError } from './lib/errors.ts'
import { newMessageId } from './lib/message-id.ts'
import { withMembers } from './model/conversation.ts'
import { shown } from './model/message.ts'
import { type Conversation, view } from './model/view.ts'
import { checkedContent } from './outbox/checked-content.ts'
import type { Draft, Outbox } from './outbox/outbox.ts'
import type { OutboxItem } from './store/records.ts'
import type { Replica } from './store/replica.ts'
import type { MessageHistory, MessageList, MessagesQuery, PageQuery } from './sync/history.ts'
import type { Reads } from './sync/reads.ts'

type Amend = Draft extends infer D
  ? D extends { kind: 'send' }
    ? never
    : D extends unknown
      ? Omit<D, 'clientMessageId'>
      : never
  : never

/** What can be done in a conversation, behind its handle. */
export class ConversationActions {
  readonly api
  readonly kept
  readonly #replica
  readonly #outbox
  readonly #history
  readonly #reads
  readonly #random
  /** The open way to the server, if any. */
  way: Way | undefined

  constructor(deps: {
    api: Api
    replica: Replica
    outbox: Outbox
    history: MessageHistory
    reads: Reads
    random: Random
  }) {
    this.api = deps.api
    const setSettings = this.setSettings.bind(this)
    this.kept = new KeptActions({ api: deps.api, replica: deps.replica, setSettings })
    this.#replica = deps.replica
    this.#outbox = deps.outbox
    this.#history = deps.history
    this.#reads = deps.reads
    this.#random = deps.random
  }

  state(id: ConversationId): Conversation | undefined {
    const stored = this.#replica.conversations.get(id)
    return stored && view(stored, this.#replica.users)
  }

  content(content: string | Content): Content {
    return typeof content === 'string' ? { text: content } : content
  }

  async send(conversation: ConversationId, content: string | Content, options: SendOptions): Promise<Sent> {
    const { replyTo, mentions, signal, clientMessageId = newMessageId(this.#random) } = options
    const draft: Draft = {
      kind: 'send',
      conversation,
      clientMessageId,
      content: this.content(content),
      ...(replyTo !== undefined && { replyTo }),
      ...(mentions && { mentions }),
    }
    const checked = checkedContent(draft)
    checkSize(checked)
    const { seq = 0, id = '', sentAt = 0 } = await this.#outbox.add({ ...draft, content: checked }, signal)
    return { seq, id, sentAt }
  }

  async forward(
    from: ConversationId,
    seq: number,
    to: readonly ConversationId[],
    options: CallOptions,
  ): Promise<Sent[]> {
    const message = await this.kept.message(from, seq, options)
    if (!message) throw new ParleyError('not_found', 'There is no such message.')
    const content = forwarded(message.content)
    return Promise.all(to.map((conversation) => this.send(conversation, content, options)))
  }

  async amend(amendment: Amend, { signal }: CallOptions): Promise<void> {
    if (amendment.kind === 'edit') {
      checkSize(checkedContent(amendment))
    }
    await this.#outbox.add({ ...amendment, clientMessageId: newMessageId(this.#random) }, signal)
  }

  messages(conversation: ConversationId, query: MessagesQuery): Promise<MessageList> {
    return this.#history.list(conversation, query)
  }

  page(conversation: ConversationId, query: PageQuery): Promise<MessageList> {
    return this.#history.page(conversation, query)
  }

  async message(conversation: ConversationId, seq: number) {
    const [stored] = await this.#replica.messages(conversation, { from: seq, before: seq + 1, limit: 1 })
    return stored && shown(stored)
  }

  pending(conversation: ConversationId): OutboxItem[] {
    return [...this.#replica.outbox.values()]
      .filter((item) => item.conversation === conversation)
      .sort((a, b) => a.order - b.order)
  }

  read(conversation: ConversationId, seq: number): Promise<void> {
    return this.#reads.read(conversation, seq)
  }

  typing(conversation: ConversationId, state: 'typing' | 'recording' | 'idle'): void {
    this.way?.typing(conversation, state)
  }

  async members(conversation: ConversationId, options: CallOptions): Promise<Membership[]> {
    const { items } = await this.api.members(conversation, options)
    await this.#replica.transact((tx) => {
      const known = tx.conversation(conversation)
      const me = tx.session?.user.id
      if (known && me !== undefined) tx.putConversation(withMembers(known, items, me))
    })
    return items
  }

  async leave(conversation: ConversationId, options: CallOptions): Promise<void> {
    const me = this.#replica.session?.user.id
    if (me === undefined) throw new ParleyError('unauthenticated', 'Nobody is logged in.')
    await this.api.removeMember(conversation, me, options)
  }

  async setSettings(conversation: ConversationId, changes: SettingsChange, options: CallOptions): Promise<Settings> {
    const before = this.#replica.conversations.get(conversation)?.settings
    const settings = await this.api.patchSettings(conversation, changes, options)
    await this.#replica.transact((tx) => {
      const known = tx.conversation(conversation)
      // Otherwise an update came meanwhile, and if that is the older one, this one's is on its way.
      if (known && known.settings === before) tx.putConversation({ ...known, settings })
    })
    return settings
  }
}

function checkSize(content: Content): void {
  const field = oversizedPart(content)
  if (field !== undefined) throw new ParleyError('too_large', 'The message is too long.', { field })
}

/** The same content as somebody else says it: the server fills in what belongs to the media. */
function forwarded(content: Content | Record<string, never>): Content {
  const { text, media, location, contact } = content as Content
  if (text === undefined && !media && !location && !contact) {
    throw new ParleyError('gone', 'There is nothing in it that can be forwarded.')
  }
  return {
    ...(text !== undefined && { text }),
    ...(media && { media: { id: media.id, ...(media.caption !== undefined && { caption: media.caption }) } }),
    ...(location && { location }),
    ...(contact && { contact }),
    forwarded: true,
  }
}
