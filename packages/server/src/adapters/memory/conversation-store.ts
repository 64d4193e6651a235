import type { ConversationId, UserId } from '@parley/protocol'
import type { ConversationStore, InboxRow } from '../../conversations/conversation-store.ts'
import type { OwnSettings, ReadMark, Star } from '../../conversations/own-store.ts'
import type { Clock } from '../../lib/clock.ts'
import type { ConversationRecord } from '../../log/conversation-record.ts'
import type { Head } from '../../log/entry.ts'
import type { Place } from '../../sync/place.ts'
import { type MemoryStores, pairKey } from './stores.ts'

export class MemoryConversationStore implements ConversationStore {
  readonly #stores: MemoryStores
  readonly #clock: Clock

  constructor(stores: MemoryStores, clock: Clock) {
    this.#stores = stores
    this.#clock = clock
  }

  async load(conversation: ConversationId): Promise<{ record: ConversationRecord; head: Head } | undefined> {
    const stored = this.#stores.conversations.get(conversation)
    if (!stored?.record) return undefined
    const { record, head, unfinished } = stored
    return { record: { ...record, asOf: unfinished[0]?.expect ?? head.seq }, head }
  }

  async createDirect(record: ConversationRecord, creator: UserId): Promise<boolean> {
    if (this.#stores.conversations.has(record.id)) return false
    const { members, ...conversation } = record
    const joined = [...members.keys()].map((user) => ({ user, read: 0, messages: 0, own: 0 }))
    this.#stores.project({ conversation, members: [...members.values()], joined })
    this.#stores.conversation(record.id, record.createdAt).creator = creator
    return true
  }

  async conversationsOf(user: UserId): Promise<ConversationId[]> {
    return [...(this.#stores.memberships.get(user) ?? [])]
  }

  async inbox(user: UserId, before: InboxRow | undefined, limit: number): Promise<InboxRow[]> {
    const rows: InboxRow[] = []
    for (const conversation of this.#stores.memberships.get(user) ?? []) {
      const { head, record, creator } = this.#stores.conversations.get(conversation)!
      if (record?.kind !== 'direct' || head.messages > 0 || creator === user) rows.push({ conversation, at: head.at })
    }
    rows.sort(newestFirst)
    return rows.filter((row) => !before || newestFirst(before, row) < 0).slice(0, limit)
  }

  async activeSince(at: number, limit: number): Promise<InboxRow[]> {
    const rows = [...this.#stores.conversations].map(([conversation, { head }]) => ({ conversation, head }))
    const active = rows.filter(({ head }) => head.seq > 0 && head.at >= at)
    active.sort((a, b) => a.head.at - b.head.at)
    return active.slice(0, limit).map(({ conversation, head }) => ({ conversation, at: head.at }))
  }

  async settings(user: UserId, conversation: ConversationId): Promise<OwnSettings> {
    return this.#stores.settings.get(pairKey(user, conversation)) ?? { settings: {}, at: 0 }
  }

  async saveSettings(user: UserId, conversation: ConversationId, own: OwnSettings, update: string): Promise<Place[]> {
    const key = pairKey(user, conversation)
    if (own.at >= (this.#stores.settings.get(key)?.at ?? 0)) this.#stores.settings.set(key, own)
    return this.#tell(user, update)
  }

  async readMark(user: UserId, conversation: ConversationId): Promise<ReadMark | undefined> {
    return this.#stores.marks.get(pairKey(user, conversation))
  }

  async saveReadMark(user: UserId, conversation: ConversationId, mark: ReadMark, update: string): Promise<Place[]> {
    if (mark.read < (this.#stores.marks.get(pairKey(user, conversation))?.read ?? 0)) return []
    this.#stores.advanceMark(user, conversation, mark)
    return this.#tell(user, update)
  }

  async hide(user: UserId, conversation: ConversationId, seq: number, update: string): Promise<Place[]> {
    const key = pairKey(user, conversation)
    this.#stores.hidden.set(key, (this.#stores.hidden.get(key) ?? new Set()).add(seq))
    return this.#tell(user, update)
  }

  async hidden(user: UserId, conversation: ConversationId, from: number, to: number): Promise<number[]> {
    const seqs = this.#stores.hidden.get(pairKey(user, conversation)) ?? []
    return [...seqs].filter((seq) => seq >= from && seq <= to).sort((a, b) => a - b)
  }

  async star(user: UserId, star: Star, starred: boolean, update: string): Promise<Place[]> {
    const isOther = (one: Star): boolean => one.conversation !== star.conversation || one.seq !== star.seq
    const others = (this.#stores.stars.get(user) ?? []).filter(isOther)
    this.#stores.stars.set(user, starred ? [...others, star] : others)
    return this.#tell(user, update)
  }

  async stars(user: UserId): Promise<Star[]> {
    return [...(this.#stores.stars.get(user) ?? [])]
  }

  async starsIn(user: UserId, conversation: ConversationId, from: number, to: number): Promise<Star[]> {
    const stars = this.#stores.stars.get(user) ?? []
    const found = stars.filter((star) => star.conversation === conversation && star.seq >= from && star.seq <= to)
    return found.sort((a, b) => a.seq - b.seq)
  }

  async clear(user: UserId, conversation: ConversationId, upTo: number, update: string): Promise<Place[]> {
    const key = pairKey(user, conversation)
    this.#stores.cleared.set(key, Math.max(this.#stores.cleared.get(key) ?? 0, upTo))
    return this.#tell(user, update)
  }

  async cleared(user: UserId, conversation: ConversationId): Promise<number> {
    return this.#stores.cleared.get(pairKey(user, conversation)) ?? 0
  }

  #tell(user: UserId, update: string): Place[] {
    return [this.#stores.place(user, { at: this.#clock.now(), pointer: { kind: 'update', update } })]
  }
}

function newestFirst(a: InboxRow, b: InboxRow): number {
  return b.at - a.at || (a.conversation < b.conversation ? -1 : a.conversation > b.conversation ? 1 : 0)
}
