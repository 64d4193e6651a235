import type { UserId } from '@parley/protocol'
import { unavailable } from '../../lib/errors.ts'
import { Lru } from '../../lib/lru.ts'
import type { Random } from '../../lib/random.ts'
import type { Place, QueuePosition } from '../../sync/place.ts'
import type { Pointer } from '../../sync/sync-queue.ts'
import type { Cql, Statement } from './cql.ts'
import { encodePointer } from './pointers.ts'
import { bucketAt, positionOf, type RowTime } from './positions.ts'
import type { QueueTime } from './queue-time.ts'

/** One row for each of `users`, all pointing at the same. */
export interface RowGroup {
  users: readonly UserId[]
  pointer: Pointer
}

export interface Placed {
  /** In the order of groups and users. */
  places: Place[]
  /** Rows of the same conversation that follow are placed with this as `after`, whichever node places them. */
  time: RowTime
}

interface NewRow {
  user: UserId
  /** As `encodePointer` made it. */
  text: string
}

const insertRow = 'INSERT INTO queue (user, bucket, row, pointer) VALUES (?, ?, ?, ?)'
const insertBucket = 'INSERT INTO queue_buckets (user, bucket) VALUES (?, ?)'

/** What goes to Cassandra as one message: it warns at more than 10 partitions, and at 5 KiB. */
const chunk = { rows: 10, bytes: 4000, perRow: 80 }
/** A write that took too long is made so often again before it is given up as unknown. */
const attempts = 3
const rememberedBuckets = 200_000

/**
 * Writes rows of sync queues. When a write resolves its rows are durable, visible to every read that begins from then
 * on, and that within half of `lateness` of their time: what took longer is written again with a new time first. A row
 * that is left behind by that is a repeat to whoever still finds it.
 */
export class QueueRows {
  readonly #cql
  readonly #time
  /** Makes the positions of this process unlike those of all others. */
  readonly #writer
  /** The newest bucket of a user that `queue_buckets` is known to name. */
  #named = new Lru<UserId, number>(rememberedBuckets)

  constructor(cql: Cql, time: QueueTime, random: Random) {
    this.#cql = cql
    this.#time = time
    this.#writer = `w${[...random.bytes(8)].map((byte) => (byte % 36).toString(36)).join('')}`
  }

  /** @throws AppError `unavailable` when no row could be placed at the moment: this machine's clock is wrong */
  refuseWrongClock(): void {
    this.#time.now()
  }

  /**
   * One group after the other, the rows of one side by side. `after` is the time of the conversation's rows before these.
   * @throws AppError `unavailable`: some rows may have been written; placing them all again completes it
   */
  async place(groups: readonly RowGroup[], after: RowTime): Promise<Placed> {
    const places: Place[] = []
    let time = after
    for (const { users, pointer } of groups) {
      const text = encodePointer(pointer)
      const previous = time
      const parts = chunksOf(users.map((user) => ({ user, text })))
      for (const written of await Promise.all(parts.map((part) => this.#write(part, previous, 0)))) {
        places.push(...written.places)
        time = Math.max(time, written.time)
      }
    }
    return { places, time }
  }

  /** Rows that have nothing to do with each other; those of one user come in this order. @throws as `place` */
  async put(rows: readonly { user: UserId; pointer: Pointer }[]): Promise<Place[]> {
    const parts = chunksOf(rows.map(({ user, pointer }) => ({ user, text: encodePointer(pointer) })))
    const written = await Promise.all(parts.map((part) => this.#write(part, 0, 1)))
    return written.flatMap(({ places }) => places)
  }

  /**
   * One row and statements of its user's own, all or none of them. `own` is asked again when the row gets another time:
   * bound as the time of the write, it lets the statements of the later row win. Two writers may have the same time:
   * then the greater position (as text) is that of the later row.
   */
  async placeWith(
    user: UserId,
    pointer: Pointer,
    own: (time: RowTime, position: QueuePosition) => readonly Statement[],
  ): Promise<Place> {
    const row = { user, text: encodePointer(pointer) }
    const time = await this.timely(0, 1, (at) =>
      this.#cql.batch([...own(at, this.#positionAt(at)), ...this.#statements([row], at, 0)], 'logged'),
    )
    this.#wrote([row], time, 0)
    return { user, position: this.#positionAt(time) }
  }

  /**
   * As `put`, with statements of the same matter, all or none of them. For what fits into one batch over several
   * partitions (a few KiB).
   */
  async putWith(rows: readonly { user: UserId; pointer: Pointer }[], own: readonly Statement[]): Promise<Place[]> {
    if (rows.length + own.length === 0) return []
    const texts = rows.map(({ user, pointer }) => ({ user, text: encodePointer(pointer) }))
    const first = await this.timely(0, Math.max(1, rows.length), (at) =>
      this.#cql.batch([...own, ...this.#statements(texts, at, 1)], 'logged'),
    )
    this.#wrote(texts, first, 1)
    return rows.map(({ user }, index) => ({ user, position: this.#positionAt(first + index) }))
  }

  /**
   * Calls `write` with the first of `count` times of its own, behind `after`; with later ones when it took too long.
   * @returns the time that stands
   */
  async timely(after: RowTime, count: number, write: (time: RowTime) => Promise<unknown>): Promise<RowTime> {
    for (let left = attempts; left > 0; left--) {
      const elapsed = this.#time.stopwatch()
      const time = this.#time.take(after, count)
      await write(time)
      if (elapsed() <= this.#time.lateness / 2) return time
    }
    throw unavailable('Sync queues: writing takes too long.')
  }

  async #write(rows: readonly NewRow[], after: RowTime, step: 0 | 1): Promise<Placed> {
    const first = await this.timely(after, rows.length, (at) => this.#send(this.#statements(rows, at, step)))
    const time = first + step * (rows.length - 1)
    this.#wrote(rows, first, step)
    const shared = this.#positionAt(first)
    const places = rows.map(({ user }, index) => ({
      user,
      position: step === 0 ? shared : this.#positionAt(first + index),
    }))
    return { places, time }
  }

  #statements(rows: readonly NewRow[], first: RowTime, step: 0 | 1): Statement[] {
    const statements: Statement[] = []
    for (const [index, { user, text }] of rows.entries()) {
      const time = first + step * index
      const bucket = bucketAt(time)
      statements.push({ query: insertRow, params: [user, bucket, this.#positionAt(time), text] })
      if (this.#named.get(user) !== bucket) statements.push({ query: insertBucket, params: [user, bucket] })
    }
    return statements
  }

  #send(statements: readonly Statement[]): Promise<unknown> {
    const [only] = statements
    return only && statements.length === 1 ? this.#cql.execute(only) : this.#cql.batch(statements, 'unlogged')
  }

  #wrote(rows: readonly NewRow[], first: RowTime, step: 0 | 1): void {
    for (const [index, { user }] of rows.entries()) this.#named.set(user, bucketAt(first + step * index))
  }

  #positionAt(time: RowTime): QueuePosition {
    return positionOf(time, this.#writer)
  }
}

function chunksOf(rows: readonly NewRow[]): NewRow[][] {
  const chunks: NewRow[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const row of rows) {
    const last = chunks.at(-1)
    bytes += chunk.perRow + row.text.length
    if (last && last.length < chunk.rows && bytes <= chunk.bytes) last.push(row)
    else {
      chunks.push([row])
      bytes = chunk.perRow + row.text.length
    }
  }
  return chunks
}
