import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { ClaimedJob, PushJob, PushQueue, PushQueueState, Settlement } from '../../notifications/push-queue.ts'

interface Row extends Omit<ClaimedJob, 'dueAt'> {
  dueAt: number | undefined
  leasedUntil: number
}

export class MemoryPushQueue implements PushQueue {
  #rows = new Map<string, Row>()
  #position: string | undefined

  async add(jobs: readonly PushJob[]): Promise<void> {
    for (const job of jobs) {
      const key = keyOf(job)
      const row = this.#rows.get(key)
      if (!row) {
        this.#rows.set(key, { ...job, shown: 0, tries: 0, claim: 0, leasedUntil: 0 })
        continue
      }
      // A repeat of what was told already.
      if (row.dueAt === undefined && job.seq <= row.seq) continue
      row.dueAt = Math.min(row.dueAt ?? job.dueAt, job.dueAt)
      row.mentioned ||= job.mentioned
      if (job.seq > row.seq) Object.assign(row, { seq: job.seq, position: job.position })
    }
  }

  async read(
    marks: readonly { user: UserId; conversation: ConversationId; seq: number }[],
    now: number,
  ): Promise<void> {
    for (const { user, conversation, seq } of marks) {
      for (const row of this.#rows.values()) {
        if (row.user !== user || row.conversation !== conversation || row.shown === 0 || row.shown > seq) continue
        row.dueAt = Math.min(row.dueAt ?? now, now)
      }
    }
  }

  async claim(now: number, limit: number, lease: number): Promise<ClaimedJob[]> {
    const due = [...this.#rows.values()].filter(
      ({ dueAt, leasedUntil }) => (dueAt ?? Infinity) <= now && leasedUntil <= now,
    )
    due.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
    return due.slice(0, limit).map((row) => {
      row.leasedUntil = now + lease
      row.claim++
      const { leasedUntil: _, ...job } = row
      return { ...job, dueAt: row.dueAt ?? now }
    })
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    for (const settlement of settlements) {
      const key = keyOf(settlement)
      const row = this.#rows.get(key)
      if (!row || row.claim !== settlement.claim) continue
      row.leasedUntil = 0
      if (settlement.result === 'later') {
        row.dueAt = settlement.at
        if (settlement.failed) row.tries++
        continue
      }
      row.tries = 0
      if (settlement.result === 'shown') row.shown = settlement.seq
      if (settlement.result === 'withdrawn') row.shown = 0
      if (row.seq > settlement.seq) continue
      row.dueAt = undefined
      row.mentioned = false
      if (row.shown === 0) this.#rows.delete(key)
    }
  }

  async forget(user: UserId, device: DeviceId): Promise<void> {
    for (const [key, row] of this.#rows) if (row.user === user && row.device === device) this.#rows.delete(key)
  }

  async shown(after: string | undefined, limit: number): Promise<{ jobs: PushJob[]; next: string | undefined }> {
    const keys = [...this.#rows.keys()].sort()
    const page = keys.filter((key) => after === undefined || key > after).slice(0, limit)
    const rows = page.map((key) => this.#rows.get(key) as Row)
    const jobs = rows
      .filter(({ shown, dueAt }) => shown > 0 && dueAt === undefined)
      .map((row) => ({ ...row, dueAt: 0 }))
    return { jobs, next: page.length < limit ? undefined : page.at(-1) }
  }

  async position(): Promise<string | undefined> {
    return this.#position
  }

  async keepPosition(position: string): Promise<void> {
    this.#position = position
  }

  async state(now: number): Promise<PushQueueState> {
    const due = [...this.#rows.values()].flatMap(({ dueAt }) => (dueAt !== undefined && dueAt <= now ? [dueAt] : []))
    return { due: due.length, oldest: due.length === 0 ? undefined : Math.min(...due) }
  }
}

const keyOf = ({ device, conversation }: Pick<PushJob, 'device' | 'conversation'>): string =>
  `${device} ${conversation}`
