import type { ConversationId } from '@parley/protocol'
import type { Head } from '../../log/entry.ts'
import type { MovedEntry } from '../../log/log-move.ts'
import type { Statement } from './cql.ts'
import { rowKinds, sendKeyOf, sendSeconds } from './log-rows.ts'

// The time of a write is the seq that it reflects: far below those of conditional writes, which stand above it.
const insertEntry = `INSERT INTO log (conversation, bucket, kind, seq, key, id, at, type, sender, device,
  client_message_id, messages, own_messages, body)
  VALUES (?, ?, ${rowKinds.entry}, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
const insertSend = `INSERT INTO log (conversation, bucket, kind, seq, key, first_seq, id, at, fingerprint)
  VALUES (?, ?, ${rowKinds.send}, 0, ?, ?, ?, ?, ?) USING TIMESTAMP ? AND TTL ?`
const setHead = `UPDATE log USING TIMESTAMP ? SET head = ?, head_id = ?, head_at = ?, head_messages = ?, last_message = ?,
  own = ? WHERE conversation = ? AND bucket = ?`
const setEnd = `UPDATE log USING TIMESTAMP ? SET head = ?, head_id = ?, head_at = ?, head_messages = ?
  WHERE conversation = ? AND bucket = ?`

export function movedEntry(entry: MovedEntry, bucket: number, head: number): Statement {
  const { conversation, seq, id, at, kind, sender, device, clientMessageId, messages, own, body } = entry
  const place = [conversation, bucket, seq]
  return {
    query: insertEntry,
    params: [...place, id, at, kind, sender, device, clientMessageId, messages, own, body, head + 1],
  }
}

/** What is kept of a send. */
export interface MovedSend {
  key: string
  /** first_seq, id, at, fingerprint. */
  values: readonly [seq: number, id: string, at: number, fingerprint: Buffer]
  /** Seconds for which it is told apart still. */
  left: number
}

/** Undefined when it is told apart no more. */
export function movedSend(entry: MovedEntry, now: number): MovedSend | undefined {
  const key = sendKeyOf(entry)
  const left = sendSeconds - Math.max(0, Math.floor((now - entry.at) / 1000))
  if (key === undefined || entry.fingerprint === undefined || left <= 0) return undefined
  return { key, values: [entry.seq, entry.id, entry.at, Buffer.from(entry.fingerprint, 'hex')], left }
}

/** In the bucket that the next entry goes to. */
export function movedSendInBucket(
  conversation: ConversationId,
  bucket: number,
  { key, values, left }: MovedSend,
): Statement {
  return { query: insertSend, params: [conversation, bucket, key, ...values, values[0] + 1, left] }
}

/** Of the last bucket: what an appender needs. */
export function movedHead(conversation: ConversationId, bucket: number, head: Head): Statement {
  const { seq, id, at, messages, lastMessage, own } = head
  return {
    query: setHead,
    params: [seq + 1, seq, id, at, messages, lastMessage, new Map(own), conversation, bucket],
  }
}

/** Of a bucket that another follows: that it is full. */
export function endOfBucket({ conversation, seq, id, at, messages }: MovedEntry, bucket: number): Statement {
  return { query: setEnd, params: [seq + 1, seq, id, at, messages, conversation, bucket] }
}
