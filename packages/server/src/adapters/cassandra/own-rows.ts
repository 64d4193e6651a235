import type { ConversationId, Settings, UserId } from '@parley/protocol'
import type { OwnSettings, ReadMark, Star } from '../../conversations/own-store.ts'
import type { Row, Statement } from './cql.ts'

const updateSettings = 'UPDATE memberships USING TIMESTAMP ? SET settings = ? WHERE user = ? AND conversation = ?'
const updateStar = 'UPDATE stars USING TIMESTAMP ? SET star = ? WHERE user = ? AND conversation = ? AND seq = ?'
const updateCleared = 'UPDATE memberships USING TIMESTAMP ? SET cleared = ? WHERE user = ? AND conversation = ?'
const insertHidden = 'INSERT INTO hidden (user, conversation, seq) VALUES (?, ?, ?)'

/** What members keep for themselves. */
export const ownOf = (user: UserId, conversation: ConversationId): Statement => ({
  query: 'SELECT settings, read, read_messages, read_own, cleared FROM memberships WHERE user = ? AND conversation = ?',
  params: [user, conversation],
})

export const hiddenOf = (user: UserId, conversation: ConversationId, from: number, to: number): Statement => ({
  query: 'SELECT seq FROM hidden WHERE user = ? AND conversation = ? AND seq >= ? AND seq <= ?',
  params: [user, conversation, from, to],
})

export const starsOf = (user: UserId): Statement => ({
  query: 'SELECT conversation, seq, star FROM stars WHERE user = ?',
  params: [user],
})

export const starsIn = (user: UserId, conversation: ConversationId, from: number, to: number): Statement => ({
  query: 'SELECT conversation, seq, star FROM stars WHERE user = ? AND conversation = ? AND seq >= ? AND seq <= ?',
  params: [user, conversation, from, to],
})

/** The greatest `time` stays, and of two at the same time the greater `position`; one that is taken away stays as a row without a time, so that an older one does not come back. */
export function starStatement(
  user: UserId,
  { conversation, seq, at }: Star,
  starred: boolean,
  { time, position }: { time: number; position: string },
): Statement {
  return { query: updateStar, params: [time, `${position} ${starred ? at : ''}`, user, conversation, seq] }
}

/** All that were put before `time`. */
export const takeStarsStatement = (user: UserId, conversation: ConversationId, time: number): Statement => ({
  query: 'DELETE FROM stars USING TIMESTAMP ? WHERE user = ? AND conversation = ?',
  params: [time, user, conversation],
})

export function starIn({ conversation, seq, star }: Row): Star[] {
  const [, at = ''] = String(star).split(' ')
  return at === '' ? [] : [{ conversation: String(conversation), seq: Number(seq), at: Number(at) }]
}

export const clearStatement = (user: UserId, conversation: ConversationId, upTo: number): Statement => ({
  query: updateCleared,
  params: [upTo + 1, upTo, user, conversation],
})

export const clearedIn = (row: Row | undefined): number => Number(row?.cleared ?? 0)

/** The greatest `at` stays, and of the same one the greater text. */
export function settingsStatement(
  user: UserId,
  conversation: ConversationId,
  { settings, at }: OwnSettings,
): Statement {
  return { query: updateSettings, params: [at * 1000, `${at} ${JSON.stringify(settings)}`, user, conversation] }
}

export const hideStatement = (user: UserId, conversation: ConversationId, seq: number): Statement => ({
  query: insertHidden,
  params: [user, conversation, seq],
})

export function settingsIn(row: Row | undefined): OwnSettings {
  if (!row?.settings) return { settings: {}, at: 0 }
  const text = String(row.settings)
  const end = text.indexOf(' ')
  return { settings: JSON.parse(text.slice(end + 1)) as Settings, at: Number(text.slice(0, end)) }
}

export function markIn(row: Row | undefined): ReadMark | undefined {
  if (typeof row?.read !== 'number') return undefined
  return { read: row.read, messages: Number(row.read_messages), own: Number(row.read_own) }
}
