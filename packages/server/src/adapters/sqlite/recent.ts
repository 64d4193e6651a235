import type { NewEntry } from '../../log/conversation-log.ts'
import type { AppendAnswer, AppendJob, Job, JobAnswer, JournalMove, MessagesJob, PutAnswer, PutJob } from './jobs.ts'

/** A row of one user's queue as the reading thread would give it. */
export type QueueColumns = [position: number, conversation: string | null, first: number, last: number, body: string]

/** Rows that were placed together. */
interface Placed {
  users: readonly string[]
  positions: readonly number[]
  /** Where the positions of `users` begin. */
  offset: number
  conversation: string | null
  first: number
  last: number
  body: string
}

const none: readonly NewEntry[] = []
const noRows: readonly QueueColumns[] = []

/** What is durable in the journal and not yet in its tables. */
class Generation {
  readonly placed: Placed[] = []
  /** Rows by user, of as much of `placed` as was asked for: who is never read costs nothing. */
  readonly #rows = new Map<string, QueueColumns[]>()
  #indexed = 0
  /** Messages by conversation, in order; those that are in the table already are forgotten with their conversation. */
  readonly messages = new Map<string, NewEntry[]>()

  addMessages(conversation: string, entries: readonly NewEntry[]): void {
    const known = this.messages.get(conversation)
    if (known) known.push(...entries)
    else this.messages.set(conversation, [...entries])
  }

  /** Rows of a user's queue, in order. */
  rowsOf(user: string): readonly QueueColumns[] {
    for (; this.#indexed < this.placed.length; this.#indexed++) this.#index(this.placed[this.#indexed] as Placed)
    return this.#rows.get(user) ?? noRows
  }

  #index({ users, positions, offset, conversation, first, last, body }: Placed): void {
    for (let index = 0; index < users.length; index++) {
      const user = users[index] as string
      const row: QueueColumns = [positions[offset + index] as number, conversation, first, last, body]
      const rows = this.#rows.get(user)
      if (rows) rows.push(row)
      else this.#rows.set(user, [row])
    }
  }

  joined(newer: Generation): this {
    for (const placed of newer.placed) this.placed.push(placed)
    for (const [conversation, entries] of newer.messages) this.addMessages(conversation, entries)
    return this
  }
}

/**
 * What the reading thread does not find yet, as it is in the journal: a reader adds it to what it finds in the tables.
 * It is looked at before the tables are read, so that what is moved meanwhile is found there. Little: the store thread
 * moves it every second or two, or every few thousand rows.
 */
export class Recent {
  #pending = new Generation()
  /** On its way to the tables: part of it is there. */
  #moving = new Generation()

  /** Takes in what one commit placed and moved. */
  committed(jobs: readonly Job[], answers: readonly JobAnswer[], { begun, done }: JournalMove): void {
    for (let index = 0; index < jobs.length; index++) {
      const job = jobs[index] as Job
      if (job.type === 'messages') this.#appendedMessages(job, answers[index] as AppendAnswer)
      else if (job.type === 'append') this.#appended(job, answers[index] as AppendAnswer)
      else if (job.type === 'put') this.#put(job, answers[index] as PutAnswer)
    }
    if (begun) this.#begin()
    if (done) this.#moving = new Generation()
  }

  /** Rows of a user's queue behind `position`, in order. */
  behind(user: string, position: number): QueueColumns[] {
    const rows: QueueColumns[] = []
    for (const generation of [this.#moving, this.#pending]) {
      for (const row of generation.rowsOf(user)) if (row[0] > position) rows.push(row)
    }
    return rows
  }

  /** Position of the newest row of a user's queue; 0: it is in the table, if there is one. */
  newest(user: string): number {
    return this.behind(user, 0).at(-1)?.[0] ?? 0
  }

  /** The newest messages of a conversation, in order and without holes; all before them is in the table. */
  messages(conversation: string): readonly NewEntry[] {
    const moving = this.#moving.messages.get(conversation)
    const pending = this.#pending.messages.get(conversation)
    if (!moving) return pending ?? none
    return pending ? [...moving, ...pending] : moving
  }

  /** When something was said last in conversations of a user, as far as it was lately. */
  activity(user: string): Map<string, number> {
    const active = new Map<string, number>()
    for (const [, conversation, , placed] of this.behind(user, 0)) {
      // Who left is not placed what is said afterwards.
      const last = conversation === null ? undefined : this.messages(conversation).findLast(({ seq }) => seq <= placed)
      if (last) active.set(last.conversation, last.at)
    }
    return active
  }

  /** Conversations in which something was said lately, with when it was said last. */
  active(): Map<string, number> {
    const active = new Map<string, number>()
    for (const { messages } of [this.#moving, this.#pending]) {
      for (const [conversation, entries] of messages) active.set(conversation, entries.at(-1)?.at ?? 0)
    }
    return active
  }

  /** A move that a refusal of the disk had stopped begins again with all that is left. */
  #begin(): void {
    const [older, newer] = [this.#moving, this.#pending]
    this.#moving = older.placed.length === 0 ? newer : older.joined(newer)
    this.#pending = new Generation()
  }

  #appendedMessages({ conversation, users, expect, entries }: MessagesJob, answer: AppendAnswer): void {
    if (answer.status !== 'appended') return
    const { positions } = answer
    const last = expect + entries.length
    this.#pending.placed.push({ users, positions, offset: 0, conversation, first: expect + 1, last, body: '' })
    this.#pending.addMessages(conversation, entries)
  }

  /** Whatever became of the job itself, all messages before it are in the table. */
  #appended({ conversation, audiences }: AppendJob, answer: AppendAnswer): void {
    this.#moving.messages.delete(conversation)
    this.#pending.messages.delete(conversation)
    if (answer.status !== 'appended') return
    const { positions } = answer
    let offset = 0
    for (const [users, first, last] of audiences) {
      this.#pending.placed.push({ users, positions, offset, conversation, first, last, body: '' })
      offset += users.length
    }
  }

  #put({ rows }: PutJob, positions: PutAnswer): void {
    if (!Array.isArray(positions)) return
    for (const [offset, [user, body]] of rows.entries()) {
      this.#pending.placed.push({ users: [user], positions, offset, conversation: null, first: 0, last: 0, body })
    }
  }
}
