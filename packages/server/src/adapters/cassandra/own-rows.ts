import type { ConversationId, Settings, UserId } from '@parley/protocol'
import type { ReadMark } from '../../conversations/conversation-store.ts'
import type { Row, Statement } from './cql.ts'

const updateSettings = 'UPDATE memberships USING TIMESTAMP ? SET settings = ? WHERE user = ? AND conversation = ?'
const insertHidden = 'INSERT INTO hidden (user, conversation, seq) VALUES (?, ?, ?)'

/** What members keep for themselves. */
export const ownOf = (user: UserId, conversation: ConversationId): Statement => ({
  query: 'SELECT settings, read, read_messages, read_own FROM memberships WHERE user = ? AND conversation = ?',
  params: [user, conversation],
})

export const hiddenOf = (user: UserId, conversation: ConversationId, from: number, to: number): Statement => ({
  query: 'SELECT seq FROM hidden WHERE user = ? AND conversation = ? AND seq >= ? AND seq <= ?',
  params: [user, conversation, from, to],
})

/** The greatest `time` stays, and of two at the same time the greater `position`. */
export function settingsStatement(
  user: UserId,
  conversation: ConversationId,
  settings: Settings,
  { time, position }: { time: number; position: string },
): Statement {
  return { query: updateSettings, params: [time, `${position} ${JSON.stringify(settings)}`, user, conversation] }
}

export const hideStatement = (user: UserId, conversation: ConversationId, seq: number): Statement => ({
  query: insertHidden,
  params: [user, conversation, seq],
})

export function settingsIn(row: Row | undefined): Settings {
  if (!row?.settings) return {}
  const text = String(row.settings)
  return JSON.parse(text.slice(text.indexOf(' ') + 1)) as Settings
}

export function markIn(row: Row | undefined): ReadMark | undefined {
  if (typeof row?.read !== 'number') return undefined
  return { read: row.read, messages: Number(row.read_messages), own: Number(row.read_own) }
}
