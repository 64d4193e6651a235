import type { ConversationId } from '@parley/protocol'
import type { StoredSend } from '../../log/conversation-log.ts'
import type { CassandraConnection } from './connection.ts'
import type { Row } from './cql.ts'
import { rowKinds, toSend } from './log-rows.ts'
import type { MovedSend } from './moved-log-rows.ts'
import { writeTogether } from './write-all.ts'

/** Sends of one conversation are spread over so many partitions; those of a busy month fit. */
const slots = 16

const columns = 'key, first_seq, id, at, fingerprint'
const find = `SELECT ${columns} FROM sends WHERE conversation = ? AND slot = ? AND key IN ?`
const findInBucket = `SELECT ${columns} FROM log
  WHERE conversation = ? AND bucket = ? AND kind = ${rowKinds.send} AND seq = 0 AND key IN ?`
const allOfBucket = `SELECT ${columns} FROM log WHERE conversation = ? AND bucket = ? AND kind = ${rowKinds.send} AND seq = 0`
const insert =
  'INSERT INTO sends (conversation, slot, key, first_seq, id, at, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?)'
const insertFor = `${insert} USING TTL ?`

/** What is kept of one, as its columns. */
export interface SendRow {
  key: string
  first_seq: unknown
  id: unknown
  at: unknown
  fingerprint: unknown
}

/** What is kept of sends: in the log's bucket while it is the last one, here once it is closed. */
export class Sends {
  readonly #connection

  constructor(connection: CassandraConnection) {
    this.#connection = connection
  }

  /** Those of closed buckets. */
  async closed(conversation: ConversationId, keys: readonly string[]): Promise<Map<string, StoredSend>> {
    const bySlot = Map.groupBy(keys, slotOf)
    const found = await Promise.all(
      [...bySlot].map(([slot, own]) => this.#connection.execute({ query: find, params: [conversation, slot, own] })),
    )
    return byKey(found.flat())
  }

  /** Those of one bucket that are completed. */
  async inBucket(
    conversation: ConversationId,
    bucket: number,
    keys: readonly string[],
  ): Promise<Map<string, StoredSend>> {
    return byKey(await this.#connection.execute({ query: findInBucket, params: [conversation, bucket, keys] }))
  }

  /** Copies a full bucket's. Again and again, by whomever: the same rows. */
  async close(conversation: ConversationId, bucket: number): Promise<void> {
    const rows = await this.#connection.execute({ query: allOfBucket, params: [conversation, bucket] })
    await this.copy(
      conversation,
      rows.map(({ key, first_seq, id, at, fingerprint }) => ({ key: String(key), first_seq, id, at, fingerprint })),
    )
  }

  async copy(conversation: ConversationId, rows: readonly SendRow[]): Promise<void> {
    const bySlot = Map.groupBy(rows, (row) => slotOf(row.key))
    await Promise.all(
      [...bySlot].map(([slot, own]) =>
        writeTogether(
          this.#connection,
          own.map(({ key, first_seq, id, at, fingerprint }) => ({
            query: insert,
            params: [conversation, slot, key, first_seq, id, at, fingerprint],
          })),
        ),
      ),
    )
  }

  /** Those of closed buckets that were brought from elsewhere, each for as long as it is to be known. */
  async put(conversation: ConversationId, sends: readonly MovedSend[]): Promise<void> {
    const bySlot = Map.groupBy(sends, ({ key }) => slotOf(key))
    await Promise.all(
      [...bySlot].map(([slot, own]) =>
        writeTogether(
          this.#connection,
          own.map(({ key, values, left }) => ({
            query: insertFor,
            params: [conversation, slot, key, ...values, left],
          })),
        ),
      ),
    )
  }
}

const byKey = (rows: readonly Row[]): Map<string, StoredSend> =>
  new Map(rows.map((row) => [String(row.key), toSend(row)]))

function slotOf(key: string): number {
  let hash = 0
  for (let index = 0; index < key.length; index++) hash = (hash * 31 + key.charCodeAt(index)) | 0
  return (hash >>> 0) % slots
}
