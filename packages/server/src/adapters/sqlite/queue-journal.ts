import type { AppendAnswer, AppendJob, Job, JobAnswer, PutAnswer, PutJob } from './jobs.ts'

/** A row of one user's queue as the reading thread would give it. */
export type QueueColumns = [position: number, conversation: string | null, first: number, last: number, body: string]

/**
 * Rows that are durable in `queue_journal` and not yet in `queue`, by user; a reader adds them to what it finds there.
 * Few: the store thread moves them once a second or every few thousand.
 */
export class QueueJournal {
  #rows = new Map<string, QueueColumns[]>()

  /** Takes in what one commit placed; `moved` empties the journal. */
  committed(jobs: readonly Job[], answers: readonly JobAnswer[], moved: boolean): void {
    if (moved) {
      this.#rows.clear()
      return
    }
    for (const [index, job] of jobs.entries()) {
      if (job.type === 'append') this.#appended(job, answers[index] as AppendAnswer)
      else if (job.type === 'put') this.#put(job, answers[index] as PutAnswer)
    }
  }

  /** In order of position. */
  behind(user: string, position: number): QueueColumns[] {
    return this.#rows.get(user)?.filter(([at]) => at > position) ?? []
  }

  newest(user: string): number {
    return this.#rows.get(user)?.at(-1)?.[0] ?? 0
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
