import type { ConversationId, History, Role, UserId } from '@parley/protocol'
import type { ReadMark } from '../../conversations/own-store.ts'
import type { ConversationRecord, Interval, MemberRecord, ProjectionChange } from '../../log/conversation-record.ts'
import type { Row, Statement } from './cql.ts'

/** Somebody who is not there any more; a cell that is empty would not win over an older one. */
const gone = 'none'

export const readConversation = `SELECT user, kind, title, description, avatar, history, created_at, as_of, pins, role, intervals
  FROM conversations WHERE conversation = ?`
// Of two writes the one that reflects more of the log stays: the time of a write is the seq it reflects.
const updateConversation = `UPDATE conversations USING TIMESTAMP ?
  SET kind = ?, title = ?, description = ?, avatar = ?, history = ?, created_at = ?, as_of = ?, pins = ? WHERE conversation = ?`
const updateMember =
  'UPDATE conversations USING TIMESTAMP ? SET role = ?, intervals = ? WHERE conversation = ? AND user = ?'
const updatePresence = 'UPDATE memberships USING TIMESTAMP ? SET present = ? WHERE user = ? AND conversation = ?'
const updateMark = `UPDATE memberships USING TIMESTAMP ? SET read = ?, read_messages = ?, read_own = ?
  WHERE user = ? AND conversation = ?`

/** Forward only: of two marks the one that has read further stays. */
export const markStatement = (user: UserId, conversation: ConversationId, mark: ReadMark): Statement => ({
  query: updateMark,
  params: [mark.read + 1, mark.read, mark.messages, mark.own, user, conversation],
})

/** The rows by conversation and by user that follow from a change. */
export function projectionStatements({ conversation, members, joined }: ProjectionChange): Statement[] {
  const { id, kind, title, description, avatar, history, createdAt, pins, asOf } = conversation
  const time = asOf + 1
  return [
    {
      query: updateConversation,
      // Changes that an earlier release wrote down have no pins.
      params: [time, kind, title, description, avatar, history, createdAt, asOf, JSON.stringify(pins ?? []), id],
    },
    ...members.flatMap(({ user, role, intervals }) => [
      { query: updateMember, params: [time, role ?? gone, formatIntervals(intervals), id, user] },
      { query: updatePresence, params: [time, role !== null, user, id] },
    ]),
    ...joined.map(({ user, ...mark }) => markStatement(user, id, mark)),
  ]
}

/** undefined: nothing was projected yet. */
export function toRecord(id: ConversationId, rows: readonly Row[]): ConversationRecord | undefined {
  const [first] = rows
  if (!first?.kind) return undefined
  return {
    id,
    kind: first.kind as ConversationRecord['kind'],
    title: textOf(first.title),
    description: textOf(first.description),
    avatar: textOf(first.avatar),
    history: first.history as History,
    createdAt: Number(first.created_at),
    pins: first.pins ? (JSON.parse(String(first.pins)) as number[]) : [],
    asOf: Number(first.as_of),
    members: new Map(rows.flatMap((row) => (row.user && row.role ? [[String(row.user), toMember(row)]] : []))),
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function toMember({ user, role, intervals }: Row): MemberRecord {
  return {
    user: String(user),
    role: role === gone ? null : (role as Role),
    intervals: parseIntervals(String(intervals)),
  }
}

/** Intervals as a JSON list of [from, to]; an open one as [from]. */
function formatIntervals(intervals: readonly Interval[]): string {
  return JSON.stringify(intervals.map(({ from, to }) => (to === undefined ? [from] : [from, to])))
}

function parseIntervals(text: string): Interval[] {
  return (JSON.parse(text) as [number, number?][]).map(([from, to]) => ({ from, to }))
}
