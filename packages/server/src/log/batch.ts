import type { AppendBatch, Audience, NewEntry } from './conversation-log.ts'
import type { ConversationRecord, MemberRecord, ProjectionChange } from './conversation-record.ts'
import type { ConversationState } from './conversation-state.ts'
import type { Entry } from './entry.ts'
import { changesRecord, foldEntry, presentMembers } from './fold.ts'
import type { Draft, Operation } from './operation.ts'

/** Collects entries that are appended together, and what follows from them. */
export class BatchBuilder {
  readonly entries: NewEntry[] = []
  #state
  /** Everything is decided on this head, whatever the state takes in meanwhile. */
  #seq
  /** The record after the entries so far. */
  #record: ConversationRecord
  #present
  #own: Map<string, number> | undefined
  #messages
  #lastMessage
  #lastId
  #audiences: Audience[] = []
  #changed = new Map<string, MemberRecord>()
  #joined: ProjectionChange['joined'][number][] = []

  constructor(state: ConversationState) {
    this.#state = state
    this.#seq = state.seq
    this.#record = state.record
    this.#present = state.present
    this.#messages = state.messages
    this.#lastMessage = state.lastMessage
    this.#lastId = state.id
  }

  add(operation: Operation, draft: Draft, nextId: (after: string) => { id: string; at: number }): NewEntry {
    const seq = this.#seq + this.entries.length + 1
    const { id, at } = nextId(this.#lastId)
    const { sender, device, clientMessageId, fingerprint } = operation
    let own = this.#own?.get(sender) ?? this.#state.own.get(sender) ?? 0
    if (draft.kind === 'message') {
      own++
      this.#messages++
      this.#lastMessage = seq
      this.#own ??= new Map()
      this.#own.set(sender, own)
    }
    const { kind, body } = draft
    const conversation = this.#state.conversation
    const messages = this.#messages
    const entry: NewEntry = {
      conversation,
      seq,
      id,
      kind,
      sender,
      device,
      clientMessageId,
      fingerprint,
      at,
      messages,
      own,
      body,
    }
    this.#lastId = id
    this.entries.push(entry)
    if (changesRecord(this.#record, entry)) this.#addChange(entry)
    else this.#addAudience(this.#present, seq)
    return entry
  }

  build(): AppendBatch {
    const { own: ownBefore } = this.#state
    const last = this.entries.at(-1) as NewEntry
    return {
      conversation: this.#state.conversation,
      expect: this.#seq,
      entries: this.entries,
      head: {
        seq: last.seq,
        id: last.id,
        at: last.at,
        messages: this.#messages,
        lastMessage: this.#lastMessage,
        // A copy: the state goes on.
        own: new Map([...ownBefore, ...(this.#own ?? [])]),
      },
      audiences: this.#audiences,
      projection: this.#projection(),
    }
  }

  #addAudience(users: readonly string[], seq: number): void {
    const last = this.#audiences.at(-1)
    if (last && last.users === users) last.to = seq
    else this.#audiences.push({ users, from: seq, to: seq })
  }

  /** An entry that changes members goes to those before it and those after it. */
  #addChange(entry: Entry): void {
    const before = this.#record
    const { record, changed } = foldEntry(before, entry)
    this.#record = record
    for (const member of changed) {
      this.#changed.set(member.user, member)
      const joins = member.intervals.at(-1)?.from === entry.seq && member.role !== null
      if (joins) {
        const own = this.#own?.get(member.user) ?? this.#state.own.get(member.user) ?? 0
        this.#joined.push({ user: member.user, read: entry.seq - 1, messages: entry.messages, own })
      }
    }
    const removed = this.#present.filter((user) => record.members.get(user)?.role === null)
    if (changed.length > 0) this.#present = presentMembers(record)
    this.#addAudience(removed.length > 0 ? [...this.#present, ...removed] : this.#present, entry.seq)
  }

  #projection(): ProjectionChange | undefined {
    if (this.#record === this.#state.record) return undefined
    const { members: _, ...conversation } = this.#record
    return { conversation, members: [...this.#changed.values()], joined: this.#joined }
  }
}
