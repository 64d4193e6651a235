import type { ConversationStore, InboxRow } from '../../conversations/conversation-store.ts'
import type { OwnSettings, ReadMark, Star } from '../../conversations/own-store.ts'
import type { ConversationRecord, MemberRecord } from '../../log/conversation-record.ts'
import { emptyHead, type Head } from '../../log/entry.ts'
import type { Place } from '../../sync/place.ts'
import { headQueries, toHead, withRecent } from './conversation-log.ts'
import type { Statement } from './database.ts'
import { settingsIn } from './own-settings.ts'
import {
  conversationStatement,
  memberStatements,
  nameStatement,
  parseIntervals,
  parsePins,
  readMarkStatement,
} from './projection.ts'
import type { SqliteStore } from './store.ts'

type ConversationRow = [
  kind: 'direct' | 'group',
  title: string | null,
  description: string | null,
  avatar: string | null,
  history: 'joined' | 'all',
  createdAt: number,
  asOf: number,
  pins: string | null,
]
type MemberRow = [user: string, role: MemberRecord['role'], intervals: string]

const ref = '(SELECT ref FROM names WHERE name = ?)'

export class SqliteConversationStore implements ConversationStore {
  #store

  constructor(store: SqliteStore) {
    this.#store = store
  }

  async load(conversation: string): Promise<{ record: ConversationRecord; head: Head } | undefined> {
    const recent = this.#store.recent.messages(conversation)
    const [rows, members, heads, own] = await this.#store.readTogether([
      {
        sql: `SELECT kind, title, description, avatar, history, created_at, as_of, pins FROM conversations WHERE conversation = ${ref}`,
        params: [conversation],
      },
      {
        sql: `SELECT n.name, m.role, m.intervals FROM members m JOIN names n ON n.ref = m.user WHERE m.conversation = ${ref}`,
        params: [conversation],
      },
      ...headQueries(conversation),
    ])
    const row = rows?.[0] as ConversationRow | undefined
    if (!row) return undefined
    const record = toRecord(conversation, row, members as MemberRow[])
    const stored = toHead(heads as Parameters<typeof toHead>[0], own as [string, number][])
    const head = withRecent(stored, recent) ?? emptyHead(record.createdAt)
    // Written in the transaction of the entries that change it, so never behind them.
    return { record: { ...record, asOf: head.seq }, head }
  }

  async createDirect(record: ConversationRecord, creator: string): Promise<boolean> {
    const members = [...record.members.values()]
    const outcome = await this.#store.write([
      nameStatement(record.id),
      {
        ...conversationStatement(record),
        sql: conversationStatement(record).sql.replace('OR REPLACE', 'OR IGNORE'),
        expect: 1,
      },
      ...members.flatMap((member) => memberStatements(record.id, member)),
      ...members.map(({ user }) => readMarkStatement({ user, conversation: record.id, read: 0, messages: 0, own: 0 })),
      {
        sql: `UPDATE members SET started = ? WHERE conversation = ${ref} AND user = ${ref}`,
        params: [record.createdAt, record.id, creator],
      },
    ])
    return outcome.stored
  }

  async conversationsOf(user: string): Promise<string[]> {
    const rows = await this.#store.readRaw<[string]>(
      `SELECT n.name FROM members m JOIN names n ON n.ref = m.conversation WHERE m.user = ${ref} AND m.role IS NOT NULL`,
      [user],
    )
    return rows.map(([name]) => name)
  }

  async inbox(user: string, before: InboxRow | undefined, limit: number): Promise<InboxRow[]> {
    const active = this.#store.recent.activity(user)
    const rows = await this.#store.readRaw<[string, number]>(
      `SELECT n.name, coalesce(h.at, m.started) AS activity FROM members m
       LEFT JOIN heads h ON h.conversation = m.conversation JOIN names n ON n.ref = m.conversation
       WHERE m.user = ${ref} AND m.role IS NOT NULL AND activity IS NOT NULL AND (activity, n.name) < (?, ?)
       ORDER BY activity DESC, n.name DESC LIMIT ?`,
      [user, before?.at ?? Number.MAX_SAFE_INTEGER, before?.conversation ?? '', limit + active.size],
    )
    const isBehind = (row: InboxRow): boolean => before === undefined || newestFirst(before, row) < 0
    const moved = toInboxRows([...active]).filter(isBehind)
    const others = toInboxRows(rows.filter(([conversation]) => !active.has(conversation)))
    return [...moved, ...others].sort(newestFirst).slice(0, limit)
  }

  async activeSince(at: number, limit: number): Promise<InboxRow[]> {
    const active = this.#store.recent.active()
    const rows = await this.#store.readRaw<[string, number]>(
      `SELECT n.name, h.at FROM heads h JOIN names n ON n.ref = h.conversation WHERE h.at >= ? ORDER BY h.at LIMIT ?`,
      [at, limit + active.size],
    )
    const stored = rows.filter(([conversation]) => !active.has(conversation))
    const all = toInboxRows([...stored, ...active]).filter((row) => row.at >= at)
    return all.sort((a, b) => a.at - b.at).slice(0, limit)
  }

  async settings(user: string, conversation: string): Promise<OwnSettings> {
    const [row] = await this.#store.readRaw<[string]>(
      `SELECT settings FROM member_settings WHERE user = ${ref} AND conversation = ${ref}`,
      [user, conversation],
    )
    return settingsIn(row?.[0])
  }

  saveSettings(user: string, conversation: string, own: OwnSettings, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, {
      sql: `INSERT INTO member_settings (user, conversation, settings) VALUES (${ref}, ${ref}, ?)
            ON CONFLICT DO UPDATE SET settings = excluded.settings
            WHERE excluded.settings ->> 'at' >= coalesce(member_settings.settings ->> 'at', 0)`,
      params: [user, conversation, JSON.stringify({ ...own.settings, at: own.at })],
    })
  }

  async readMark(user: string, conversation: string): Promise<ReadMark | undefined> {
    const [row] = await this.#store.readRaw<[number, number, number]>(
      `SELECT read, messages, own FROM read_marks WHERE user = ${ref} AND conversation = ${ref}`,
      [user, conversation],
    )
    return row && { read: row[0], messages: row[1], own: row[2] }
  }

  async saveReadMark(user: string, conversation: string, mark: ReadMark, update: string): Promise<Place[]> {
    const answer = await this.#store.putTogether(
      [[user, update]],
      [
        nameStatement(user),
        nameStatement(conversation),
        {
          sql: `INSERT INTO read_marks (user, conversation, read, messages, own) VALUES (${ref}, ${ref}, ?, ?, ?)
                ON CONFLICT DO UPDATE SET read = excluded.read, messages = iif(excluded.read > read, excluded.messages, messages),
                  own = iif(excluded.read > read, excluded.own, own)
                WHERE excluded.read >= read`,
          params: [user, conversation, mark.read, mark.messages, mark.own],
          expect: 1,
        },
      ],
    )
    return placesOf(user, Array.isArray(answer) ? answer : [])
  }

  hide(user: string, conversation: string, seq: number, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, {
      sql: `INSERT OR IGNORE INTO hidden (user, conversation, seq) VALUES (${ref}, ${ref}, ?)`,
      params: [user, conversation, seq],
    })
  }

  async hidden(user: string, conversation: string, from: number, to: number): Promise<number[]> {
    const rows = await this.#store.readRaw<[number]>(
      `SELECT seq FROM hidden WHERE user = ${ref} AND conversation = ${ref} AND seq BETWEEN ? AND ? ORDER BY seq`,
      [user, conversation, from, to],
    )
    return rows.map(([seq]) => seq)
  }

  async star(user: string, star: Star, starred: boolean, update: string): Promise<Place[]> {
    const { conversation, seq, at } = star
    const key = [user, conversation, seq]
    return this.#saveAndTell(
      user,
      update,
      starred
        ? {
            sql: `INSERT OR REPLACE INTO stars (user, conversation, seq, at) VALUES (${ref}, ${ref}, ?, ?)`,
            params: [...key, at],
          }
        : { sql: `DELETE FROM stars WHERE user = ${ref} AND conversation = ${ref} AND seq = ?`, params: key },
    )
  }

  async stars(user: string): Promise<Star[]> {
    const rows = await this.#store.readRaw<[string, number, number]>(
      `SELECT n.name, s.seq, s.at FROM stars s JOIN names n ON n.ref = s.conversation WHERE s.user = ${ref}`,
      [user],
    )
    return rows.map(([conversation, seq, at]) => ({ conversation, seq, at }))
  }

  async starsIn(user: string, conversation: string, from: number, to: number): Promise<Star[]> {
    const rows = await this.#store.readRaw<[number, number]>(
      `SELECT seq, at FROM stars WHERE user = ${ref} AND conversation = ${ref} AND seq BETWEEN ? AND ? ORDER BY seq`,
      [user, conversation, from, to],
    )
    return rows.map(([seq, at]) => ({ conversation, seq, at }))
  }

  clear(user: string, conversation: string, upTo: number, update: string): Promise<Place[]> {
    return this.#saveAndTell(user, update, {
      sql: `INSERT INTO clear_marks (user, conversation, up_to) VALUES (${ref}, ${ref}, ?)
            ON CONFLICT DO UPDATE SET up_to = max(up_to, excluded.up_to)`,
      params: [user, conversation, upTo],
    })
  }

  async cleared(user: string, conversation: string): Promise<number> {
    const [row] = await this.#store.readRaw<[number]>(
      `SELECT up_to FROM clear_marks WHERE user = ${ref} AND conversation = ${ref}`,
      [user, conversation],
    )
    return row?.[0] ?? 0
  }

  async #saveAndTell(user: string, update: string, statement: Statement): Promise<Place[]> {
    return placesOf(user, await this.#store.put([[user, update]], [statement]))
  }
}

const toInboxRows = (rows: readonly [string, number][]): InboxRow[] =>
  rows.map(([conversation, at]) => ({ conversation, at }))

/** As SQLite orders them: names by their bytes, which are ASCII. */
function newestFirst(a: InboxRow, b: InboxRow): number {
  if (a.at !== b.at) return b.at - a.at
  return a.conversation < b.conversation ? 1 : a.conversation > b.conversation ? -1 : 0
}

function placesOf(user: string, positions: readonly number[]): Place[] {
  return positions.map((position) => ({ user, position: String(position) }))
}

function toRecord(id: string, row: ConversationRow, members: MemberRow[]): ConversationRecord {
  const [kind, title, description, avatar, history, createdAt, asOf, pins] = row
  return {
    id,
    kind,
    title: title ?? undefined,
    description: description ?? undefined,
    avatar: avatar ?? undefined,
    history,
    createdAt,
    pins: parsePins(pins),
    asOf,
    members: new Map(
      members.map(([user, role, intervals]) => [user, { user, role, intervals: parseIntervals(intervals) }]),
    ),
  }
}
