import type { ConversationId } from '@parley/protocol'
import type { AppendBatch, NewEntry, StoredSend } from '../../log/conversation-log.ts'
import type { ProjectionChange } from '../../log/conversation-record.ts'
import type { Entry, EntryKind, Head } from '../../log/entry.ts'
import type { Row, Statement } from './cql.ts'

/** `kind` of a row of `log`. */
export const rowKinds = { entry: 0, send: 1 } as const

/** Sends are told apart for at least 30 days (rule D2). */
export const sendSeconds = 31 * 86_400

export const entryColumns =
  'seq, id, at, type, sender, device, client_message_id, messages, own_messages, body, projection, head'

const moveHead = `UPDATE log SET head = ?, head_id = ?, head_at = ?, head_messages = ?, last_message = ?, own = own + ?
  WHERE conversation = ? AND bucket = ? IF head = ?`
const insertEntry = `INSERT INTO log (conversation, bucket, kind, seq, key, id, at, type, sender, device,
  client_message_id, messages, own_messages, body, projection) VALUES (?, ?, ${rowKinds.entry}, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const insertSend = `INSERT INTO log (conversation, bucket, kind, seq, key, first_seq, id, at, fingerprint)
  VALUES (?, ?, ${rowKinds.send}, 0, ?, ?, ?, ?, ?) IF NOT EXISTS USING TTL ${sendSeconds}`

/** How a send is known within its conversation. Neither part has a space in it. */
export const sendKey = (sender: string, clientMessageId: string): string => `${sender} ${clientMessageId}`

export function sendKeyOf({ sender, clientMessageId }: Entry): string | undefined {
  return clientMessageId === undefined ? undefined : sendKey(sender, clientMessageId)
}

/**
 * A batch as one conditional write: on the head, on its sends being new, and on its first seq being free, so that a
 * refusal tells what is there. `opens`: it is the first of its bucket.
 */
export function appendStatements(batch: AppendBatch, bucket: number, opens: boolean): Statement[] {
  const { conversation, expect, entries, head, projection } = batch
  const own = opens ? head.own : new Map(entries.flatMap((entry) => ownCount(entry)))
  const statements: Statement[] = [
    {
      query: moveHead,
      params: [
        head.seq,
        head.id,
        head.at,
        head.messages,
        head.lastMessage,
        own,
        conversation,
        bucket,
        opens ? null : expect,
      ],
    },
  ]
  for (const [index, entry] of entries.entries()) {
    const { seq, id, at, kind, sender, device, clientMessageId, messages, own: ownMessages, body } = entry
    const follows = projection && index === entries.length - 1 ? JSON.stringify(projection) : undefined
    statements.push({
      query: index === 0 ? `${insertEntry} IF NOT EXISTS` : insertEntry,
      params: [
        conversation,
        bucket,
        seq,
        id,
        at,
        kind,
        sender,
        device,
        clientMessageId,
        messages,
        ownMessages,
        body,
        follows,
      ],
    })
    const key = sendKeyOf(entry)
    if (key === undefined) continue
    const fingerprint = Buffer.from(entry.fingerprint ?? '', 'hex')
    statements.push({ query: insertSend, params: [conversation, bucket, key, seq, id, at, fingerprint] })
  }
  return statements
}

const ownCount = ({ kind, sender, own }: NewEntry): [string, number][] => (kind === 'message' ? [[sender, own]] : [])

/** Undefined when the row's bucket has no head. */
export function toHead(row: Row | undefined): Head | undefined {
  if (!row || row.head === null || row.head === undefined) return undefined
  return {
    seq: Number(row.head),
    id: String(row.head_id),
    at: Number(row.head_at),
    messages: Number(row.head_messages),
    lastMessage: Number(row.last_message),
    own: (row.own as ReadonlyMap<string, number> | null) ?? new Map(),
  }
}

export function toEntry(conversation: ConversationId, row: Row): Entry {
  return {
    conversation,
    seq: Number(row.seq),
    id: String(row.id),
    kind: row.type as EntryKind,
    sender: String(row.sender),
    device: String(row.device),
    clientMessageId: row.client_message_id ? String(row.client_message_id) : undefined,
    at: Number(row.at),
    messages: Number(row.messages),
    own: Number(row.own_messages),
    body: String(row.body),
  }
}

/** What followed from the batch that ends with this entry. */
export function projectionOf(row: Row): ProjectionChange | undefined {
  return row.projection ? (JSON.parse(String(row.projection)) as ProjectionChange) : undefined
}

export function toSend(row: Row): StoredSend {
  const fingerprint = (row.fingerprint as Buffer).toString('hex')
  return { seq: Number(row.first_seq), id: String(row.id), at: Number(row.at), fingerprint }
}
