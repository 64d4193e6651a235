import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { OwnSettings, ReadMark, Star } from '../../conversations/own-store.ts'
import type { AppendBatch, StoredSend } from '../../log/conversation-log.ts'
import type { ConversationRecord, ProjectionChange } from '../../log/conversation-record.ts'
import { type Entry, emptyHead, type Head } from '../../log/entry.ts'
import type { SearchDocument } from '../../messages/message-search.ts'
import type { Watermark } from '../../messages/receipt-store.ts'
import type { Place } from '../../sync/place.ts'
import type { DeviceCursor, Pointer } from '../../sync/sync-queue.ts'

export interface MemoryConversation {
  head: Head
  /** Entry `seq` is at `seq - 1`. */
  entries: Entry[]
  /** By `pairKey(sender, clientMessageId)`. */
  sends: Map<string, StoredSend>
  /** Messages that were deleted for everyone. */
  deleted: Set<number>
  /** Batches whose places and projection are still to be made, oldest first. */
  unfinished: AppendBatch[]
  record: ConversationRecord | undefined
  /** Has a direct conversation in the inbox before it has a message. */
  creator: UserId | undefined
}

export interface MemoryQueue {
  /** Row at index i has position `floor + i + 1`. */
  rows: { at: number; pointer: Pointer }[]
  /** Rows that were trimmed so far. */
  floor: number
}

export const pairKey = (a: string, b: string): string => `${a} ${b}`

/** What all adapters of one technology share. Adapters opened over the same stores are nodes of one cluster. */
export class MemoryStores {
  readonly conversations = new Map<ConversationId, MemoryConversation>()
  readonly queues = new Map<UserId, MemoryQueue>()
  readonly cursors = new Map<DeviceId, DeviceCursor>()
  /** Conversations that a user is in now. */
  readonly memberships = new Map<UserId, Set<ConversationId>>()
  /** By `pairKey(user, conversation)`, as the three below. */
  readonly settings = new Map<string, OwnSettings>()
  readonly marks = new Map<string, ReadMark>()
  readonly hidden = new Map<string, Set<number>>()
  readonly cleared = new Map<string, number>()
  readonly stars = new Map<UserId, Star[]>()
  /** Each member's watermarks of a conversation, ascending. */
  readonly watermarks = new Map<ConversationId, Watermark[]>()
  readonly documents = new Map<string, SearchDocument>()
  indexed: string | undefined

  conversation(id: ConversationId, createdAt: number): MemoryConversation {
    let found = this.conversations.get(id)
    if (!found) {
      found = {
        head: emptyHead(createdAt),
        entries: [],
        sends: new Map(),
        deleted: new Set(),
        unfinished: [],
        record: undefined,
        creator: undefined,
      }
      this.conversations.set(id, found)
    }
    return found
  }

  queue(user: UserId): MemoryQueue {
    let found = this.queues.get(user)
    if (!found) {
      found = { rows: [], floor: 0 }
      this.queues.set(user, found)
    }
    return found
  }

  /** Puts a row at the end of a user's queue. */
  place(user: UserId, row: MemoryQueue['rows'][number]): Place {
    const queue = this.queue(user)
    queue.rows.push(row)
    return { user, position: String(queue.floor + queue.rows.length) }
  }

  /** Writes the rows that follow from entries. Doing it again, or doing an older one, changes nothing. */
  project(change: ProjectionChange): void {
    const stored = this.conversation(change.conversation.id, change.conversation.createdAt)
    if (stored.record && stored.record.asOf > change.conversation.asOf) return
    const members = new Map(stored.record?.members)
    for (const member of change.members) {
      members.set(member.user, member)
      this.#setMembership(member.user, change.conversation.id, member.role !== null)
    }
    stored.record = { ...change.conversation, members }
    for (const { user, ...mark } of change.joined) this.advanceMark(user, change.conversation.id, mark)
  }

  /** Forward only. */
  advanceMark(user: UserId, conversation: ConversationId, mark: ReadMark): void {
    const key = pairKey(user, conversation)
    const stored = this.marks.get(key)
    if (!stored || stored.read < mark.read) this.marks.set(key, mark)
  }

  #setMembership(user: UserId, conversation: ConversationId, present: boolean): void {
    const of = this.memberships.get(user) ?? new Set()
    this.memberships.set(user, of)
    if (present) of.add(conversation)
    else of.delete(conversation)
  }
}
