import type { KeyPage } from '../../lib/key-page.ts'
import type { ConversationRecord, MemberRecord } from '../../log/conversation-record.ts'
import type { EntryKind, Head } from '../../log/entry.ts'
import type { LogExport, MovedConversation, MovedEntry } from '../../log/log-move.ts'
import { composeSnowflake } from '../../log/snowflake-parts.ts'
import type { Connection } from './connection.ts'
import { toHead } from './conversation-log.ts'
import { pageBy } from './pages.ts'
import { parseIntervals, parsePins } from './projection.ts'

interface ConversationRow {
  kind: 'direct' | 'group'
  title: string | null
  description: string | null
  avatar: string | null
  history: 'joined' | 'all'
  created_at: number
  pins: string | null
}

interface MemberRow {
  name: string
  role: MemberRecord['role']
  intervals: string
  started: number | null
}

interface EntryRow {
  seq: number
  at: number
  low: number
  kind: EntryKind
  sender: string
  device: string
  client_message_id: string | null
  messages: number
  own: number
  body: string
  fingerprint: Buffer | null
}

type HeadRow = Parameters<typeof toHead>[0][number]

const selectEntries = `SELECT e.seq, e.at, e.low, e.kind, s.name AS sender, d.name AS device, e.client_message_id,
    e.messages, e.own, e.body, x.fingerprint
  FROM entries e JOIN names s ON s.ref = e.sender JOIN names d ON d.ref = e.device
  LEFT JOIN sends x ON x.conversation = e.conversation AND x.sender = e.sender
    AND x.client_message_id = e.client_message_id AND x.seq = e.seq`

/** Conversations as another process may read them while the server goes on. */
export class SqliteLogExport implements LogExport {
  readonly #page
  readonly #ref
  readonly #read
  readonly #entries
  readonly #emptied

  constructor(database: Connection) {
    this.#page = pageBy(
      database,
      `SELECT c.conversation AS at, n.name FROM conversations c JOIN names n ON n.ref = c.conversation
       WHERE c.conversation > ? ORDER BY c.conversation LIMIT ?`,
    )
    this.#ref = database.prepare<[string], number>('SELECT ref FROM names WHERE name = ?').pluck()
    const conversation = database.prepare<[number], ConversationRow>(
      'SELECT kind, title, description, avatar, history, created_at, pins FROM conversations WHERE conversation = ?',
    )
    const members = database.prepare<[number], MemberRow>(
      `SELECT n.name, m.role, m.intervals, m.started FROM members m JOIN names n ON n.ref = m.user
       WHERE m.conversation = ?`,
    )
    const head = database
      .prepare('SELECT seq, at, low, messages, last_message FROM heads WHERE conversation = ?')
      .raw() as { all(ref: number): unknown[] }
    const own = database
      .prepare(
        `SELECT n.name, json_extract(o.value, '$[1]') FROM heads h, json_each(h.own) o
         JOIN names n ON n.ref = json_extract(o.value, '$[0]') WHERE h.conversation = ?`,
      )
      .raw() as { all(ref: number): unknown[] }
    this.#read = database.transaction((ids: readonly string[]): MovedConversation[] =>
      ids.flatMap((id) => {
        const ref = this.#ref.get(id)
        const row = ref === undefined ? undefined : conversation.get(ref)
        if (ref === undefined || !row) return []
        const heads = toHead(head.all(ref) as HeadRow[], own.all(ref) as [string, number][])
        return movedOf(id, row, members.all(ref), heads)
      }),
    )
    this.#entries = database.prepare<[number, number, number, number], EntryRow>(
      `${selectEntries} WHERE e.conversation = ? AND e.seq > ? AND e.seq <= ? ORDER BY e.seq LIMIT ?`,
    )
    this.#emptied = database.prepare<[{ ref: number; before: number; upTo: number }], EntryRow>(
      `WITH targets AS (
         SELECT json_extract(body, '$.target') AS seq FROM entries
         WHERE conversation = $ref AND seq > $before AND seq <= $upTo AND kind = 'delete'
       )
       ${selectEntries} WHERE e.conversation = $ref AND e.seq <= $before
         AND e.seq >= (SELECT min(seq) FROM targets)
         AND (e.seq IN targets OR (e.kind = 'edit' AND json_extract(e.body, '$.target') IN targets))
       ORDER BY e.seq`,
    )
  }

  async pageOfConversations(after: string | undefined, limit: number): Promise<KeyPage> {
    return this.#page(after, limit)
  }

  async conversations(ids: readonly string[]): Promise<MovedConversation[]> {
    return this.#read(ids)
  }

  async entries(conversation: string, after: number, upTo: number, limit: number): Promise<MovedEntry[]> {
    const ref = this.#ref.get(conversation)
    return ref === undefined ? [] : this.#entries.all(ref, after, upTo, limit).map((row) => toEntry(conversation, row))
  }

  async emptied(conversation: string, before: number, upTo: number): Promise<MovedEntry[]> {
    const ref = this.#ref.get(conversation)
    return ref === undefined ? [] : this.#emptied.all({ ref, before, upTo }).map((row) => toEntry(conversation, row))
  }
}

function movedOf(
  id: string,
  row: ConversationRow,
  members: readonly MemberRow[],
  head: Head | undefined,
): MovedConversation {
  const record: ConversationRecord = {
    id,
    kind: row.kind,
    title: row.title ?? undefined,
    description: row.description ?? undefined,
    avatar: row.avatar ?? undefined,
    history: row.history,
    createdAt: row.created_at,
    pins: parsePins(row.pins),
    // Written in the transaction of the entries, so never behind them.
    asOf: head?.seq ?? 0,
    members: new Map(
      members.map(({ name, role, intervals }) => [name, { user: name, role, intervals: parseIntervals(intervals) }]),
    ),
  }
  return { record, head, creator: members.find(({ started }) => started !== null)?.name }
}

function toEntry(conversation: string, row: EntryRow): MovedEntry {
  return {
    conversation,
    seq: row.seq,
    id: composeSnowflake(row.at, row.low),
    kind: row.kind,
    sender: row.sender,
    device: row.device,
    clientMessageId: row.client_message_id ?? undefined,
    at: row.at,
    messages: row.messages,
    own: row.own,
    body: row.body,
    fingerprint: row.fingerprint?.toString('hex'),
  }
}
