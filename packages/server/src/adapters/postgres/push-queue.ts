import type { ConversationId, DeviceId, UserId } from '@parley/protocol'
import type { ClaimedJob, PushJob, PushQueue, PushQueueState, Settlement } from '../../notifications/push-queue.ts'
import { PostgresMarkStore } from './mark-store.ts'
import { pushStatements as statements } from './push-statements.ts'
import type { Shard, Shards } from './shards.ts'

const chunk = 1000

interface Row {
  user_id: string
  device_id: string
  conversation: string
  seq: number
  position: string
  mentioned: boolean
  due_at: number | null
  shown: number
  tries: number
  claim: number
}

type Key = Pick<PushJob, 'user' | 'conversation' | 'device'>

/** Jobs lie in the shard of their user. Notifiers take what is due past each other's locks (`SKIP LOCKED`). */
export class PostgresPushQueue implements PushQueue {
  readonly #shards
  readonly #marks
  /** Where to begin: each database has its turn at being first. */
  #turn = 0

  constructor(shards: Shards) {
    this.#shards = shards
    this.#marks = new PostgresMarkStore(shards)
  }

  async add(jobs: readonly PushJob[]): Promise<void> {
    // Of one device and conversation only one fits into a statement; rows are locked in one order by everybody.
    const merged = new Map<string, PushJob>()
    for (const job of jobs) {
      const key = keyOf(job)
      const known = merged.get(key)
      merged.set(key, known ? mergeJobs(known, job) : job)
    }
    for (const [{ database }, some] of this.#chunks([...merged.values()])) {
      await database.run(statements.add, [
        ...keys(some),
        some.map(({ seq }) => seq),
        some.map(({ position }) => position),
        some.map(({ mentioned }) => String(mentioned)),
        some.map(({ dueAt }) => dueAt),
      ])
    }
  }

  async read(
    marks: readonly { user: UserId; conversation: ConversationId; seq: number }[],
    now: number,
  ): Promise<void> {
    for (const [{ database }, some] of this.#shards.group(marks, ({ user }) => user)) {
      await database.run(statements.read, [
        some.map(({ user }) => user),
        some.map(({ conversation }) => conversation),
        some.map(({ seq }) => seq),
        now,
      ])
    }
  }

  async claim(now: number, limit: number, lease: number): Promise<ClaimedJob[]> {
    const { all } = this.#shards
    const jobs: ClaimedJob[] = []
    const first = this.#turn++
    for (let index = 0; index < all.length && jobs.length < limit; index++) {
      const { database } = all[(first + index) % all.length] as Shard
      const rows = await database.run<Row>(statements.claim, [now, limit - jobs.length, lease])
      jobs.push(...rows.map((row) => ({ ...jobOf(row), shown: row.shown, tries: row.tries, claim: row.claim })))
    }
    return jobs.sort((a, b) => a.dueAt - b.dueAt)
  }

  async settle(settlements: readonly Settlement[]): Promise<void> {
    for (const [{ database }, some] of this.#chunks(settlements)) {
      await database.run(statements.settle, [
        ...keys(some),
        some.map(({ seq }) => seq),
        some.map(({ claim }) => claim),
        some.map(({ result }) => result),
        some.map((one) => (one.result === 'later' ? one.at : 0)),
        some.map((one) => (one.result === 'later' && one.failed ? 1 : 0)),
      ])
      await database.run(statements.clear, keys(some))
    }
  }

  async forget(user: UserId, device: DeviceId): Promise<void> {
    await this.#shards.run(user, statements.forget, [user, device])
  }

  async shown(after: string | undefined, limit: number): Promise<{ jobs: PushJob[]; next: string | undefined }> {
    const [place = 0, ...from] = after === undefined ? [0, '', '', ''] : (JSON.parse(after) as [number, ...string[]])
    const shard = this.#shards.all[place]
    if (!shard) return { jobs: [], next: undefined }
    const rows = await shard.database.run<Row>(statements.page, [...from, limit])
    const last = rows.length < limit ? undefined : rows.at(-1)
    const behind = place + 1 < this.#shards.all.length ? JSON.stringify([place + 1, '', '', '']) : undefined
    return {
      jobs: rows.filter((row) => row.shown > 0 && row.due_at === null).map(jobOf),
      next: last ? JSON.stringify([place, last.user_id, last.conversation, last.device_id]) : behind,
    }
  }

  position(): Promise<string | undefined> {
    return this.#marks.get('push')
  }

  keepPosition(position: string): Promise<void> {
    return this.#marks.set('push', position)
  }

  async state(now: number): Promise<PushQueueState> {
    const rows = await this.#shards.everywhere(({ database }) =>
      database.run<{ due: number; oldest: number | null }>(statements.state, [now]),
    )
    const oldest = rows.flatMap((row) => row.oldest ?? [])
    return {
      due: rows.reduce((sum, row) => sum + row.due, 0),
      oldest: oldest.length === 0 ? undefined : Math.min(...oldest),
    }
  }

  #chunks<Item extends Key>(items: readonly Item[]): [Shard, Item[]][] {
    return this.#shards
      .group(items, ({ user }) => user)
      .flatMap(([shard, some]) => {
        some.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
        const parts: [Shard, Item[]][] = []
        for (let start = 0; start < some.length; start += chunk) parts.push([shard, some.slice(start, start + chunk)])
        return parts
      })
  }
}

const keyOf = ({ user, conversation, device }: Key): string => `${user} ${conversation} ${device}`

const keys = (items: readonly Key[]): string[][] => [
  items.map(({ user }) => user),
  items.map(({ conversation }) => conversation),
  items.map(({ device }) => device),
]

function mergeJobs(a: PushJob, b: PushJob): PushJob {
  const newest = b.seq > a.seq ? b : a
  return { ...newest, dueAt: Math.min(a.dueAt, b.dueAt), mentioned: a.mentioned || b.mentioned }
}

const jobOf = (row: Row): PushJob => ({
  user: row.user_id,
  device: row.device_id,
  conversation: row.conversation,
  seq: row.seq,
  position: row.position,
  mentioned: row.mentioned,
  dueAt: row.due_at ?? 0,
})
