import type { ConversationId, Settings, UserId } from '@parley/protocol'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { directId } from '../conversations/direct-id.ts'
import { unique } from '../lib/stores.contract.ts'
import { BatchBuilder } from '../log/batch.ts'
import type { ConversationLog, StoredSend } from '../log/conversation-log.ts'
import type { ConversationRecord } from '../log/conversation-record.ts'
import { ConversationState } from '../log/conversation-state.ts'
import { type EntryKind, emptyHead } from '../log/entry.ts'
import { emptyGroup } from '../log/fold.ts'
import { composeSnowflake, snowflakeTime } from '../log/snowflake-parts.ts'
import type { ReceiptKind, ReceiptStore } from '../messages/receipt-store.ts'

export interface TalkStores {
  log: ConversationLog
  conversations: ConversationStore
  receipts: ReceiptStore
}

let serial = 0

function nextId(after: string): { id: string; at: number } {
  const at = Math.max(Date.now(), snowflakeTime(after) + 1)
  return { id: composeSnowflake(at, serial++ % 4096), at }
}

/** A conversation as people go on with it, over the stores that are given; they may be others after a while. */
export class Talk {
  readonly id: ConversationId
  readonly sent: { sender: UserId; clientMessageId: string; fingerprint: string; seq: number }[] = []
  readonly deleted = new Set<number>()
  #state

  private constructor(state: ConversationState) {
    this.#state = state
    this.id = state.conversation
  }

  static async group(stores: TalkStores, users: readonly UserId[]): Promise<Talk> {
    const talk = new Talk(new ConversationState(emptyGroup(unique('g'), Date.now()), emptyHead(Date.now())))
    const members = users.map((user, index) => ({ user, role: index === 0 ? 'owner' : 'member' }))
    await talk.do(stores, users[0]!, 'conversation', { title: 'Friends', members })
    return talk
  }

  static async direct(stores: TalkStores, a: UserId, b: UserId): Promise<Talk> {
    const createdAt = Date.now()
    const members = new Map(
      [a, b].map((user) => [user, { user, role: 'member' as const, intervals: [{ from: 1, to: undefined }] }]),
    )
    const none = { title: undefined, description: undefined, avatar: undefined }
    const record: ConversationRecord = {
      id: directId(a, b),
      kind: 'direct',
      ...none,
      history: 'joined',
      pins: [],
      createdAt,
      members,
      asOf: 0,
    }
    await stores.conversations.createDirect(record, a)
    return new Talk(new ConversationState(record, emptyHead(createdAt)))
  }

  get head(): number {
    return this.#state.seq
  }

  get present(): readonly UserId[] {
    return this.#state.present
  }

  say(stores: TalkStores, sender: UserId, text: string): Promise<number> {
    return this.do(stores, sender, 'message', { content: { text } }, unique('m'))
  }

  /** Appends one entry. @returns its seq */
  async do(
    stores: TalkStores,
    sender: UserId,
    kind: EntryKind,
    body: object,
    clientMessageId?: string,
  ): Promise<number> {
    const fingerprint = clientMessageId && Buffer.from(clientMessageId).toString('hex').padEnd(64, '0').slice(0, 64)
    const builder = new BatchBuilder(this.#state)
    const operation = {
      sender,
      device: `phone of ${sender}`,
      clientMessageId,
      fingerprint,
      size: 1,
      decide: () => ({ kind, body: '' }),
      settle: () => {},
    }
    const entry = builder.add(operation, { kind, body: JSON.stringify(body) }, nextId)
    const outcome = await stores.log.append(builder.build())
    if (outcome.status !== 'appended') throw new Error(`${entry.seq} of ${this.id}: ${outcome.status}`)
    this.#state.apply(entry)
    if (clientMessageId) this.sent.push({ sender, clientMessageId, fingerprint: fingerprint ?? '', seq: entry.seq })
    return entry.seq
  }

  /** Of all messages that were sent, as `stores` know them. */
  async knownSends({ log }: TalkStores): Promise<(StoredSend | undefined)[]> {
    return Promise.all(this.sent.map((one) => log.findSend(this.id, one.sender, one.clientMessageId)))
  }

  async read({ conversations }: TalkStores, user: UserId, read: number): Promise<void> {
    const update = JSON.stringify({ kind: 'read', conversation: this.id, read })
    await conversations.saveReadMark(user, this.id, { read, messages: read, own: 0 }, update)
  }

  async settle({ conversations }: TalkStores, user: UserId, settings: Settings): Promise<void> {
    const own = { settings, at: ++serial }
    await conversations.saveSettings(user, this.id, own, JSON.stringify({ kind: 'settings', ...settings }))
  }

  async hide({ conversations }: TalkStores, user: UserId, target: number): Promise<void> {
    await conversations.hide(user, this.id, target, JSON.stringify({ kind: 'hidden', target }))
  }

  async star({ conversations }: TalkStores, user: UserId, seq: number, starred: boolean): Promise<void> {
    const star = { conversation: this.id, seq, at: Date.now() }
    await conversations.star(user, star, starred, JSON.stringify({ kind: 'star', target: seq }))
  }

  async clear({ conversations }: TalkStores, user: UserId, upTo: number): Promise<void> {
    await conversations.clear(user, this.id, upTo, JSON.stringify({ kind: 'cleared', upTo }))
  }

  async receive({ receipts }: TalkStores, user: UserId, kind: ReceiptKind, upTo: number, at = Date.now()) {
    const told = this.present.filter((other) => other !== user)
    const notices = told.map((author) => ({ conversation: this.id, user: author, update: '{"kind":"receipts"}' }))
    await receipts.save([{ conversation: this.id, user, kind, upTo, at }], notices)
  }
}
