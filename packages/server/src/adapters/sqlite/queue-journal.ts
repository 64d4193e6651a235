import type { AppendAnswer, AppendJob, Job, JobAnswer, PutAnswer, PutJob } from './jobs.ts'
import type { JournalMove } from './queue-rows.ts'

/** A row of one user's queue as the reading thread would give it. */
export type QueueColumns = [position: number, conversation: string | null, first: number, last: number, body: string]

/**
 * Rows that are durable in `queue_journal` and not yet in `queue`, by user; a reader adds them to what it finds there.
 * Few: the store thread moves them once a second or every few thousand.
 */
export class QueueJournal {
  #rows = new Map<string, QueueColumns[]>()
  /** Those that are on their way to `queue`: part of them is there. */
  #moving = new Map<string, QueueColumns[]>()

  /** Takes in what one commit placed and moved. */
  committed(jobs: readonly Job[], answers: readonly JobAnswer[], { begun, done }: JournalMove): void {
    for (const [index, job] of jobs.entries()) {
      if (job.type === 'append') this.#appended(job, answers[index] as AppendAnswer)
      else if (job.type === 'put') this.#put(job, answers[index] as PutAnswer)
    }
    if (begun) this.#begin()
    if (done) this.#moving = new Map()
  }

  /** In order of position. */
  behind(user: string, position: number): QueueColumns[] {
    const moving = this.#moving.get(user) ?? []
    const rows = this.#rows.get(user) ?? []
    return [...moving, ...rows].filter(([at]) => at > position)
  }

  newest(user: string): number {
    return (this.#rows.get(user) ?? this.#moving.get(user))?.at(-1)?.[0] ?? 0
  }

  /** A move that a refusal of the disk had stopped begins again with all that is left. */
  #begin(): void {
    const rows = this.#rows
    this.#rows = new Map()
    if (this.#moving.size === 0) {
      this.#moving = rows
      return
    }
    for (const [user, added] of rows) this.#moving.set(user, [...(this.#moving.get(user) ?? []), ...added])
  }

  #appended({ conversation, audiences }: AppendJob, answer: AppendAnswer): void {
    if (answer.status !== 'appended') return
    let next = 0
    for (const [users, first, last] of audiences) {
      for (const user of users) this.#add(user, [answer.positions[next++] as number, conversation, first, last, ''])
    }
  }

  #put({ rows }: PutJob, positions: PutAnswer): void {
    if (!Array.isArray(positions)) return
    for (const [index, [user, body]] of rows.entries()) this.#add(user, [positions[index] as number, null, 0, 0, body])
  }

  #add(user: string, row: QueueColumns): void {
    const rows = this.#rows.get(user)
    if (rows) rows.push(row)
    else this.#rows.set(user, [row])
  }
}
