import type { ConversationId } from '@parley/protocol'
import type { Head } from '../../log/entry.ts'
import type { Buckets } from './buckets.ts'
import type { CassandraConnection } from './connection.ts'
import type { Statement } from './cql.ts'
import { toHead } from './log-rows.ts'

/** Where a conversation's log ends. */
export interface LogEnd {
  bucket: number
  /** undefined: nothing was ever appended. */
  head: Head | undefined
}

const headOf = (conversation: ConversationId, bucket: number): Statement => ({
  query: `SELECT head, head_id, head_at, head_messages, last_message, own FROM log
    WHERE conversation = ? AND bucket = ? LIMIT 1`,
  params: [conversation, bucket],
})

/** Finds heads. */
export class LogHeads {
  readonly #connection
  readonly #buckets

  constructor(connection: CassandraConnection, buckets: Buckets) {
    this.#connection = connection
    this.#buckets = buckets
  }

  /** Linearizable: also what was written by an append that nobody knows the outcome of. `known`: entries there are at least. */
  async end(conversation: ConversationId, known: number): Promise<LogEnd> {
    let bucket = this.#buckets.behind(known)
    let head = await this.of(conversation, bucket)
    if (!head && bucket > 0) head = await this.of(conversation, --bucket)
    while (head && this.#buckets.isFull(bucket, head.seq)) {
      const next = await this.of(conversation, bucket + 1)
      if (!next) break
      bucket++
      head = next
    }
    return { bucket, head }
  }

  /** Linearizable. */
  async of(conversation: ConversationId, bucket: number): Promise<Head | undefined> {
    const [row] = await this.#connection.serial(headOf(conversation, bucket))
    return toHead(row)
  }

  /** Of the last completed append to the bucket, or of a later one. */
  async recent(conversation: ConversationId, bucket: number): Promise<Head | undefined> {
    const [row] = await this.#connection.execute(headOf(conversation, bucket))
    return toHead(row)
  }
}
