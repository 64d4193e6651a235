import type {
  AppendBatch,
  AppendOutcome,
  ConversationLog,
  EntryRange,
  NewEntry,
  StoredSend,
} from '../../log/conversation-log.ts'
import type { Entry, EntryKind, Head } from '../../log/entry.ts'
import { composeSnowflake, snowflakeLow } from '../../log/snowflake-parts.ts'
import type { Place } from '../../sync/place.ts'
import type { SqlValue } from './database.ts'
import type { AppendAnswer, AppendJob, EntryTuple, MessagesJob } from './jobs.ts'
import { projectionStatements } from './projection.ts'
import type { SqliteStore } from './store.ts'

type EntryRow = [
  seq: number,
  at: number,
  low: number,
  kind: EntryKind,
  sender: string,
  device: string,
  clientMessageId: string | null,
  messages: number,
  own: number,
  body: string,
]

const ref = '(SELECT ref FROM names WHERE name = ?)'
const columns = `e.seq, e.at, e.low, e.kind, s.name, d.name, e.client_message_id, e.messages, e.own, e.body
  FROM entries e JOIN names s ON s.ref = e.sender JOIN names d ON d.ref = e.device`

const readRange = (order: 'ASC' | 'DESC', kind: string): string =>
  `SELECT ${columns} WHERE e.conversation = ${ref} AND e.seq > ? AND e.seq < ? ${kind} ORDER BY e.seq ${order} LIMIT ?`
const ofKind = 'AND e.kind = ?'
const readings = {
  oldest: readRange('ASC', ''),
  newest: readRange('DESC', ''),
  oldestOfKind: readRange('ASC', ofKind),
  newestOfKind: readRange('DESC', ofKind),
}
const readAmendments = `SELECT ${columns}
  JOIN amendments a ON a.conversation = e.conversation AND a.seq = e.seq
  WHERE a.conversation = ${ref} AND a.target BETWEEN ? AND ? ORDER BY e.seq`

function toTuple(entry: NewEntry): EntryTuple {
  return [
    entry.at,
    snowflakeLow(entry.id),
    entry.kind,
    entry.sender,
    entry.device,
    entry.clientMessageId ?? null,
    entry.fingerprint ?? null,
    entry.messages,
    entry.own,
    entry.body,
  ]
}

function toJob(batch: AppendBatch): AppendJob {
  const own: (string | number)[] = []
  for (const entry of batch.entries) if (entry.kind === 'message') own.push(entry.sender, entry.own)
  return {
    type: 'append',
    conversation: batch.conversation,
    expect: batch.expect,
    entries: batch.entries.map(toTuple),
    head: [batch.head.messages, batch.head.lastMessage, own],
    audiences: batch.audiences.map(({ users, from, to }) => [users, from, to]),
    projection: batch.projection && projectionStatements(batch.projection),
  }
}

/** undefined: there is more to it than messages for one audience. */
function messagesJob({ conversation, expect, entries, audiences, projection }: AppendBatch): MessagesJob | undefined {
  const [audience, ...others] = audiences
  if (!audience || others.length > 0 || audience.users.length === 0 || projection) return undefined
  if (!entries.every(({ kind }) => kind === 'message')) return undefined
  return { type: 'messages', conversation, expect, entries, users: audience.users }
}

/** One transaction holds entries, dedupe rows, queue places and projections, so nothing is ever left to complete. */
export class SqliteConversationLog implements ConversationLog {
  #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async append(batch: AppendBatch): Promise<AppendOutcome> {
    const answer: AppendAnswer = await this.#store.append(messagesJob(batch) ?? toJob(batch))
    switch (answer.status) {
      case 'appended':
        return { status: 'appended', places: placesOf(batch, answer.positions) }
      case 'duplicate': {
        const sends = new Map<number, StoredSend>()
        for (const [index, seq, at, low, fingerprint] of answer.sends) {
          sends.set(index, { seq, id: composeSnowflake(at, low), at, fingerprint })
        }
        return { status: 'duplicate', sends }
      }
      case 'moved': {
        const head = await this.head(batch.conversation)
        if (!head) throw new Error('a log without a head has moved')
        return { status: 'moved', head }
      }
    }
  }

  moment(): Promise<void> | undefined {
    return this.#store.moment()
  }

  async complete(): Promise<void> {}

  async completeLeft(): Promise<number> {
    return 0
  }

  async findSend(conversation: string, sender: string, clientMessageId: string): Promise<StoredSend | undefined> {
    const recent = this.#store.recent
      .messages(conversation)
      .find((message) => message.sender === sender && message.clientMessageId === clientMessageId)
    if (recent) return { seq: recent.seq, id: recent.id, at: recent.at, fingerprint: recent.fingerprint ?? '' }
    const [row] = await this.#store.readRaw<[number, number, number, Uint8Array]>(
      `SELECT x.seq, e.at, e.low, x.fingerprint FROM sends x JOIN entries e ON e.conversation = x.conversation AND e.seq = x.seq
       WHERE x.conversation = ${ref} AND x.sender = ${ref} AND x.client_message_id = ?`,
      [conversation, sender, clientMessageId],
    )
    if (!row) return undefined
    const [seq, at, low, fingerprint] = row
    return { seq, id: composeSnowflake(at, low), at, fingerprint: Buffer.from(fingerprint).toString('hex') }
  }

  async head(conversation: string): Promise<Head | undefined> {
    return readHead(this.#store, conversation)
  }

  async read(conversation: string, range: EntryRange): Promise<Entry[]> {
    const recent = this.#store.recent.messages(conversation)
    const first = recent[0]?.seq ?? Number.POSITIVE_INFINITY
    const { after, before, limit, newest, kind = 'message' } = range
    const fitting = kind === 'message' ? recent.filter(({ seq }) => seq > after && seq < before) : []
    if (newest) {
      const last = fitting.slice(-limit)
      if (last.length === limit || after >= first - 1) return last
      const older = { ...range, before: Math.min(before, first), limit: limit - last.length }
      return [...(await this.#readStored(conversation, older)), ...last]
    }
    if (after >= first - 1) return fitting.slice(0, limit)
    const stored = await this.#readStored(conversation, { ...range, before: Math.min(before, first) })
    return [...stored, ...fitting.slice(0, limit - stored.length)]
  }

  async amendments(conversation: string, from: number, to: number): Promise<Entry[]> {
    const rows = await this.#store.readRaw<EntryRow>(readAmendments, [conversation, from, to])
    return rows.map((row) => toEntry(conversation, row))
  }

  async countOwn(conversation: string, sender: string, after: number, upTo: number): Promise<number> {
    const { recent, storedUpTo } = this.#split(conversation, after, upTo)
    const [row] = await this.#store.readRaw<[number]>(
      `SELECT count(*) FROM entries WHERE conversation = ${ref} AND seq > ? AND seq <= ? AND kind = 'message' AND sender = ${ref}`,
      [conversation, after, storedUpTo, sender],
    )
    return (row?.[0] ?? 0) + recent.filter((message) => message.sender === sender).length
  }

  async authors(conversation: string, after: number, upTo: number): Promise<string[]> {
    const { recent, storedUpTo } = this.#split(conversation, after, upTo)
    const rows = await this.#store.readRaw<[string]>(
      `SELECT DISTINCT s.name FROM entries e JOIN names s ON s.ref = e.sender
       WHERE e.conversation = ${ref} AND e.seq > ? AND e.seq <= ? AND e.kind = 'message'`,
      [conversation, after, storedUpTo],
    )
    return [...new Set([...rows.map(([name]) => name), ...recent.map(({ sender }) => sender)])]
  }

  async trimSends(before: number, limit: number): Promise<number> {
    const [result] = await this.#store.store([
      {
        sql: `DELETE FROM sends WHERE (conversation, sender, client_message_id) IN (
                SELECT x.conversation, x.sender, x.client_message_id FROM sends x
                JOIN entries e ON e.conversation = x.conversation AND e.seq = x.seq WHERE e.at < ? LIMIT ?)`,
        params: [before, limit],
      },
    ])
    return result?.changes ?? 0
  }

  async #readStored(conversation: string, { after, before, limit, newest, kind }: EntryRange): Promise<Entry[]> {
    const sql = kind
      ? newest
        ? readings.newestOfKind
        : readings.oldestOfKind
      : newest
        ? readings.newest
        : readings.oldest
    const params = kind ? [conversation, after, before, kind, limit] : [conversation, after, before, limit]
    const rows = await this.#store.readRaw<EntryRow>(sql, params)
    const entries = rows.map((row) => toEntry(conversation, row))
    return newest ? entries.reverse() : entries
  }

  /** after < seq ≤ upTo: the messages that are not in their table yet, and up to where entries are. */
  #split(conversation: string, after: number, upTo: number) {
    const all = this.#store.recent.messages(conversation)
    const first = all[0]?.seq ?? Number.POSITIVE_INFINITY
    return {
      recent: all.filter(({ seq }) => seq > after && seq <= upTo),
      storedUpTo: Math.min(upTo, first - 1),
    }
  }
}

export async function readHead(store: SqliteStore, conversation: string): Promise<Head | undefined> {
  const recent = store.recent.messages(conversation)
  const [head, own] = await store.readTogether(headQueries(conversation))
  return withRecent(toHead(head as HeadRow[], own as [string, number][]), recent)
}

/** The head as the table has it, with the messages that are not in theirs. */
export function withRecent(head: Head | undefined, recent: readonly Entry[]): Head | undefined {
  const missing = recent.filter(({ seq }) => seq > (head?.seq ?? 0))
  const last = missing.at(-1)
  if (!last) return head
  const own = new Map(head?.own)
  for (const message of missing) own.set(message.sender, message.own)
  const { seq, id, at, messages } = last
  return { seq, id, at, messages, lastMessage: seq, own }
}

type HeadRow = [seq: number, at: number, low: number, messages: number, lastMessage: number]

export function headQueries(conversation: string): { sql: string; params: SqlValue[] }[] {
  return [
    {
      sql: `SELECT seq, at, low, messages, last_message FROM heads WHERE conversation = ${ref}`,
      params: [conversation],
    },
    {
      sql: `SELECT n.name, json_extract(o.value, '$[1]') FROM heads h, json_each(h.own) o
            JOIN names n ON n.ref = json_extract(o.value, '$[0]') WHERE h.conversation = ${ref}`,
      params: [conversation],
    },
  ]
}

export function toHead(heads: HeadRow[], own: [string, number][]): Head | undefined {
  const [row] = heads
  if (!row) return undefined
  const [seq, at, low, messages, lastMessage] = row
  return { seq, id: composeSnowflake(at, low), at, messages, lastMessage, own: new Map(own) }
}

function toEntry(conversation: string, row: EntryRow): Entry {
  const [seq, at, low, kind, sender, device, clientMessageId, messages, own, body] = row
  const id = composeSnowflake(at, low)
  return {
    conversation,
    seq,
    id,
    kind,
    sender,
    device,
    clientMessageId: clientMessageId ?? undefined,
    at,
    messages,
    own,
    body,
  }
}

function placesOf(batch: AppendBatch, positions: readonly number[]): Place[] {
  const places: Place[] = []
  for (const { users } of batch.audiences) {
    for (const user of users) places.push({ user, position: String(positions[places.length]) })
  }
  return places
}
