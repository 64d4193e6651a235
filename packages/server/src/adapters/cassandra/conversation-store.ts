import type { ConversationId, UserId } from '@parley/protocol'
import type { ConversationStore, InboxRow } from '../../conversations/conversation-store.ts'
import type { OwnSettings, ReadMark, Star } from '../../conversations/own-store.ts'
import type { ConversationRecord } from '../../log/conversation-record.ts'
import { emptyHead, type Head } from '../../log/entry.ts'
import type { Place } from '../../sync/place.ts'
import type { ActiveConversations } from './active-conversations.ts'
import type { Completion } from './completion.ts'
import type { CassandraConnection } from './connection.ts'
import type { Statement } from './cql.ts'
import type { Directs } from './directs.ts'
import type { FannedRegister } from './fanned.ts'
import type { LogHeads } from './log-heads.ts'
import {
  clearedIn,
  clearStatement,
  hiddenOf,
  hideStatement,
  markIn,
  ownOf,
  settingsIn,
  settingsStatement,
  starIn,
  starStatement,
  starsIn,
  starsOf,
} from './own-rows.ts'
import type { RowTime } from './positions.ts'
import { markStatement, readConversation, toRecord } from './projection-rows.ts'
import type { QueueRows } from './queue-rows.ts'

const readMemberships = 'SELECT conversation, present, at FROM memberships WHERE user = ?'

export class CassandraConversationStore implements ConversationStore {
  readonly #connection
  readonly #rows
  readonly #directs
  readonly #completion
  readonly #register
  readonly #heads
  readonly #active

  constructor(deps: {
    connection: CassandraConnection
    rows: QueueRows
    directs: Directs
    completion: Completion
    register: FannedRegister
    heads: LogHeads
    active: ActiveConversations
  }) {
    this.#connection = deps.connection
    this.#rows = deps.rows
    this.#directs = deps.directs
    this.#completion = deps.completion
    this.#register = deps.register
    this.#heads = deps.heads
    this.#active = deps.active
  }

  async load(conversation: ConversationId): Promise<{ record: ConversationRecord; head: Head } | undefined> {
    const [projected, fanned] = await Promise.all([this.#record(conversation), this.#register.read(conversation)])
    const record = projected ?? (await this.#repaired(conversation))
    if (!record) return undefined
    // Read last: the record is never ahead of it.
    const { head } = await this.#heads.end(conversation, fanned?.seq ?? 0)
    const asOf = Math.max(record.asOf, fanned?.seq ?? 0)
    return { record: { ...record, asOf }, head: head ?? emptyHead(record.createdAt) }
  }

  async createDirect(record: ConversationRecord, creator: UserId): Promise<boolean> {
    const made = await this.#directs.claim(record, creator)
    await this.#directs.complete(record.id)
    if (made) this.#register.note(record.id, { seq: 0, time: 0 })
    return made
  }

  async conversationsOf(user: UserId): Promise<ConversationId[]> {
    return (await this.#memberships(user)).map(({ conversation }) => conversation)
  }

  /** A user's rows lie together and are few: they are put in order here, so that activity rewrites no key. */
  async inbox(user: UserId, before: InboxRow | undefined, limit: number): Promise<InboxRow[]> {
    const rows = (await this.#memberships(user)).flatMap(({ conversation, at }) =>
      at === undefined ? [] : [{ conversation, at }],
    )
    rows.sort(newestFirst)
    return rows.filter((row) => !before || newestFirst(before, row) < 0).slice(0, limit)
  }

  activeSince(at: number, limit: number): Promise<InboxRow[]> {
    return this.#active.since(at, limit)
  }

  async settings(user: UserId, conversation: ConversationId): Promise<OwnSettings> {
    return settingsIn(await this.#own(user, conversation))
  }

  saveSettings(user: UserId, conversation: ConversationId, own: OwnSettings, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, () => settingsStatement(user, conversation, own))
  }

  async readMark(user: UserId, conversation: ConversationId): Promise<ReadMark | undefined> {
    return markIn(await this.#own(user, conversation))
  }

  saveReadMark(user: UserId, conversation: ConversationId, mark: ReadMark, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, () => markStatement(user, conversation, mark))
  }

  hide(user: UserId, conversation: ConversationId, seq: number, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, () => hideStatement(user, conversation, seq))
  }

  async hidden(user: UserId, conversation: ConversationId, from: number, to: number): Promise<number[]> {
    const rows = await this.#connection.execute(hiddenOf(user, conversation, from, to))
    return rows.map((row) => Number(row.seq))
  }

  /** The time of the write is that of the queue row, and of two at the same time the one of the later row is greater. */
  star(user: UserId, star: Star, starred: boolean, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, (time, position) => starStatement(user, star, starred, { time, position }))
  }

  async stars(user: UserId): Promise<Star[]> {
    return (await this.#connection.execute(starsOf(user))).flatMap(starIn)
  }

  async starsIn(user: UserId, conversation: ConversationId, from: number, to: number): Promise<Star[]> {
    return (await this.#connection.execute(starsIn(user, conversation, from, to))).flatMap(starIn)
  }

  clear(user: UserId, conversation: ConversationId, upTo: number, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, () => clearStatement(user, conversation, upTo))
  }

  async cleared(user: UserId, conversation: ConversationId): Promise<number> {
    return clearedIn(await this.#own(user, conversation))
  }

  async #record(conversation: ConversationId): Promise<ConversationRecord | undefined> {
    return toRecord(conversation, await this.#connection.execute({ query: readConversation, params: [conversation] }))
  }

  /** There is no record: perhaps whoever made the conversation did not come to it. */
  async #repaired(conversation: ConversationId): Promise<ConversationRecord | undefined> {
    await this.#completion.complete(conversation)
    return this.#record(conversation)
  }

  async #memberships(user: UserId): Promise<{ conversation: ConversationId; at: number | undefined }[]> {
    const rows = await this.#connection.execute({ query: readMemberships, params: [user] })
    return rows.flatMap(({ conversation, present, at }) =>
      present ? [{ conversation: String(conversation), at: at === null ? undefined : Number(at) }] : [],
    )
  }

  async #own(user: UserId, conversation: ConversationId) {
    const [row] = await this.#connection.execute(ownOf(user, conversation))
    return row
  }

  async #saveAndTell(
    user: UserId,
    update: string,
    own: (time: RowTime, position: string) => Statement,
  ): Promise<Place[]> {
    return [await this.#rows.placeWith(user, { kind: 'update', update }, (time, position) => [own(time, position)])]
  }
}

function newestFirst(a: InboxRow, b: InboxRow): number {
  return b.at - a.at || (a.conversation < b.conversation ? -1 : a.conversation > b.conversation ? 1 : 0)
}
