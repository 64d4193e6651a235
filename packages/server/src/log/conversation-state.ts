import type { ConversationId, UserId } from '@parley/protocol'
import type { ConversationRecord } from './conversation-record.ts'
import type { Entry, Head } from './entry.ts'
import { changesRecord, foldEntry, presentMembers } from './fold.ts'

/** A conversation as of its head: what every decision about the next entry is made on. */
export class ConversationState {
  record: ConversationRecord
  seq: number
  id: string
  at: number
  messages: number
  lastMessage: number
  readonly own: Map<UserId, number>
  /** Members present at the head; replaced, never changed in place. */
  present: readonly UserId[]

  constructor(record: ConversationRecord, head: Head) {
    this.record = record
    this.seq = head.seq
    this.id = head.id
    this.at = head.at
    this.messages = head.messages
    this.lastMessage = head.lastMessage
    this.own = new Map(head.own)
    this.present = presentMembers(record)
  }

  get conversation(): ConversationId {
    return this.record.id
  }

  isPresent(user: UserId): boolean {
    const member = this.record.members.get(user)
    return member !== undefined && member.role !== null
  }

  /** The other one of a direct conversation. */
  peerOf(user: UserId): UserId | undefined {
    if (this.record.kind !== 'direct') return undefined
    return this.present.find((member) => member !== user) ?? user
  }

  /** Takes in the entry that follows the head. */
  apply(entry: Entry): void {
    this.seq = entry.seq
    this.id = entry.id
    this.at = entry.at
    this.messages = entry.messages
    if (entry.kind === 'message') {
      this.lastMessage = entry.seq
      this.own.set(entry.sender, entry.own)
      return
    }
    this.fold(entry)
  }

  /** Takes in what an entry at or before the head does to members, title and pins. */
  fold(entry: Entry): void {
    if (!changesRecord(this.record, entry)) return
    this.record = foldEntry(this.record, entry).record
    this.present = presentMembers(this.record)
  }

  head(): Head {
    const { seq, id, at, messages, lastMessage, own } = this
    return { seq, id, at, messages, lastMessage, own }
  }
}
