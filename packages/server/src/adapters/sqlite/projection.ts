import type { Interval, MemberRecord, ProjectionChange } from '../../log/conversation-record.ts'
import type { Statement } from './database.ts'

const ref = '(SELECT ref FROM names WHERE name = ?)'

/** Gives a number to a name that has none. */
export const nameStatement = (name: string): Statement => ({
  sql: 'INSERT OR IGNORE INTO names (name) VALUES (?)',
  params: [name],
})

export const namesStatement = (names: readonly string[]): Statement => ({
  sql: 'INSERT OR IGNORE INTO names (name) SELECT value FROM json_each(?)',
  params: [JSON.stringify(names)],
})

export function memberStatements(conversation: string, member: MemberRecord): Statement[] {
  return [
    nameStatement(member.user),
    {
      sql: `INSERT OR REPLACE INTO members (conversation, user, role, intervals) VALUES (${ref}, ${ref}, ?, ?)`,
      params: [conversation, member.user, member.role, formatIntervals(member.intervals)],
    },
  ]
}

/** Intervals as a JSON list of [from, to]; an open one as [from]. */
export function formatIntervals(intervals: readonly Interval[]): string {
  return JSON.stringify(intervals.map(({ from, to }) => (to === undefined ? [from] : [from, to])))
}

export function parseIntervals(text: string): Interval[] {
  return (JSON.parse(text) as [number, number?][]).map(([from, to]) => ({ from, to }))
}

export function conversationStatement(change: ProjectionChange['conversation']): Statement {
  const { id, kind, title, description, avatar, history, createdAt, pins, asOf } = change
  return {
    sql: `INSERT OR REPLACE INTO conversations (conversation, kind, title, description, avatar, history, created_at, as_of, pins)
          VALUES (${ref}, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [id, kind, title ?? null, description ?? null, avatar ?? null, history, createdAt, asOf, formatPins(pins)],
  }
}

/** As a JSON list; null for none. */
const formatPins = (pins: readonly number[]): string | null => (pins.length > 0 ? JSON.stringify(pins) : null)

export const parsePins = (text: string | null): number[] => (text === null ? [] : (JSON.parse(text) as number[]))

export function readMarkStatement(mark: {
  user: string
  conversation: string
  read: number
  messages: number
  own: number
}): Statement {
  return {
    sql: `INSERT INTO read_marks (user, conversation, read, messages, own) VALUES (${ref}, ${ref}, ?, ?, ?)
          ON CONFLICT DO UPDATE SET read = excluded.read, messages = excluded.messages, own = excluded.own
          WHERE excluded.read > read`,
    params: [mark.user, mark.conversation, mark.read, mark.messages, mark.own],
  }
}

export function projectionStatements({ conversation, members, joined }: ProjectionChange): Statement[] {
  const { id } = conversation
  return [
    nameStatement(id),
    conversationStatement(conversation),
    ...members.flatMap((member) => memberStatements(id, member)),
    ...joined.map((mark) => readMarkStatement({ ...mark, conversation: id })),
  ]
}
