import type { ConversationId, UserId } from '@parley/protocol'
import type { EntryRange } from '../../log/conversation-log.ts'
import type { Entry } from '../../log/entry.ts'
import type { Amendments } from './amendments.ts'
import type { Buckets } from './buckets.ts'
import type { CassandraConnection } from './connection.ts'
import type { Row } from './cql.ts'
import type { LogHeads } from './log-heads.ts'
import { entryColumns, rowKinds, toEntry } from './log-rows.ts'

/** Greater than every seq. */
const endless = 2 ** 31 - 1
/** What was deleted of so few seqs is looked up together with the entries, before it is known which there are. */
const atOnce = 500
/** Buckets asked at once. */
const bucketsAtOnce = 4

const range = `FROM log WHERE conversation = ? AND bucket = ? AND kind = ${rowKinds.entry} AND seq > ? AND seq < ?`
const pages = (order: 'ASC' | 'DESC') => ({
  all: `SELECT ${entryColumns} ${range} ORDER BY kind ${order}, seq ${order} LIMIT ?`,
  ofType: `SELECT ${entryColumns} ${range} AND type = ? ORDER BY kind ${order}, seq ${order} LIMIT ? ALLOW FILTERING`,
})
const upwards = pages('ASC')
const downwards = pages('DESC')
const countOf = `SELECT COUNT(*) AS count ${range} AND type = 'message' AND sender = ? ALLOW FILTERING`
const sendersIn = `SELECT sender ${range} AND type = 'message' ALLOW FILTERING`

/** Reads entries across buckets. */
export class LogReader {
  readonly #connection
  readonly #buckets
  readonly #heads
  readonly #amendments

  constructor(connection: CassandraConnection, buckets: Buckets, heads: LogHeads, amendments: Amendments) {
    this.#connection = connection
    this.#buckets = buckets
    this.#heads = heads
    this.#amendments = amendments
  }

  /** As the port says. `known`: entries that there are at least. */
  async read(conversation: ConversationId, bounds: EntryRange, known: number): Promise<Entry[]> {
    const after = Math.max(bounds.after, 0)
    const before = Math.min(bounds.before, endless)
    if (bounds.limit < 1 || after + 1 >= before) return []
    const wanted = { ...bounds, after, before }
    const reading = bounds.newest ? this.#down(conversation, wanted, known) : this.#up(conversation, wanted)
    const narrow = before - after <= atOnce
    const [rows, deleted] = await Promise.all([
      reading,
      narrow ? this.#amendments.deleted(conversation, after + 1, before - 1) : undefined,
    ])
    return this.#amendments.withoutDeleted(
      rows.map((row) => toEntry(conversation, row)),
      deleted,
    )
  }

  /** Rows after..upTo as they are stored, ascending, `limit` at most. */
  rows(conversation: ConversationId, after: number, upTo: number, limit: number): Promise<Row[]> {
    return this.#up(conversation, { after, before: upTo + 1, limit })
  }

  async countOwn(conversation: ConversationId, sender: UserId, after: number, upTo: number): Promise<number> {
    const counts = await this.#inBuckets(after, upTo, async (bucket) => {
      const params = [conversation, bucket, after, clamp(upTo + 1), sender]
      const [row] = await this.#connection.execute({ query: countOf, params })
      return Number(row?.count ?? 0)
    })
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async authors(conversation: ConversationId, after: number, upTo: number): Promise<UserId[]> {
    const found = await this.#inBuckets(after, upTo, async (bucket) => {
      const params = [conversation, bucket, after, clamp(upTo + 1)]
      const rows = await this.#connection.execute({ query: sendersIn, params })
      return new Set(rows.map((row) => String(row.sender)))
    })
    return [...new Set(found.flatMap((senders) => [...senders]))]
  }

  async #up(conversation: ConversationId, bounds: EntryRange): Promise<Row[]> {
    const found: Row[] = []
    const last = this.#buckets.highest(bounds.before - 1)
    for (let bucket = this.#buckets.lowest(bounds.after + 1); ; bucket++) {
      const rows = await this.#page(conversation, bucket, bounds, bounds.limit - found.length)
      found.push(...rows)
      if (found.length >= bounds.limit || bucket >= last) return found
      if (!(await this.#goesOn(conversation, bucket, bounds, rows))) return found
    }
  }

  /** False when there is no bucket behind this one. */
  async #goesOn(
    conversation: ConversationId,
    bucket: number,
    { after, kind }: EntryRange,
    rows: readonly Row[],
  ): Promise<boolean> {
    const newest = rows.at(-1)
    if (newest) return this.#buckets.isFull(bucket, Number(newest.head))
    // The range begins in the next one.
    if (this.#buckets.isFull(bucket, after)) return true
    // A full bucket has entries behind `after`.
    if (kind === undefined) return false
    const head = await this.#heads.recent(conversation, bucket)
    return head !== undefined && this.#buckets.isFull(bucket, head.seq)
  }

  async #down(conversation: ConversationId, bounds: EntryRange, known: number): Promise<Row[]> {
    let { before } = bounds
    if (before - 1 > known) {
      const { head } = await this.#heads.end(conversation, known)
      before = Math.min(before, (head?.seq ?? 0) + 1)
    }
    const found: Row[] = []
    const first = this.#buckets.lowest(bounds.after + 1)
    for (let bucket = this.#buckets.highest(before - 1); bucket >= first; bucket--) {
      found.push(...(await this.#page(conversation, bucket, { ...bounds, before }, bounds.limit - found.length)))
      if (found.length >= bounds.limit) break
    }
    return found.reverse()
  }

  async #page(
    conversation: ConversationId,
    bucket: number,
    bounds: EntryRange,
    limit: number,
  ): Promise<readonly Row[]> {
    const { after, before, newest, kind } = bounds
    const queries = newest ? downwards : upwards
    return this.#connection.execute(
      kind === undefined
        ? { query: queries.all, params: [conversation, bucket, after, before, limit] }
        : { query: queries.ofType, params: [conversation, bucket, after, before, kind, limit] },
    )
  }

  /** Asks each bucket of a stretch, a few at once. */
  async #inBuckets<Result>(after: number, upTo: number, ask: (bucket: number) => Promise<Result>): Promise<Result[]> {
    if (upTo <= after) return []
    const last = this.#buckets.highest(clamp(upTo))
    const results: Result[] = []
    for (let bucket = this.#buckets.lowest(after + 1); bucket <= last; bucket += bucketsAtOnce) {
      const some = Array.from({ length: Math.min(bucketsAtOnce, last - bucket + 1) }, (_, index) => bucket + index)
      results.push(...(await Promise.all(some.map(ask))))
    }
    return results
  }
}

const clamp = (seq: number): number => Math.min(seq, endless)
