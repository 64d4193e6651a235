import type { ConversationId, History, Role, UserId } from '@parley/protocol'
import type { ConversationRecord, Interval, MemberRecord } from './conversation-record.ts'
import type { Entry } from './entry.ts'

/** Body of an entry of kind `conversation`. */
export interface ConversationBody {
  title?: string
  description?: string
  avatar?: string
  history?: History
  members?: { user: UserId; role: Role }[]
  pins?: readonly number[]
}

/** Body of an entry of kind `membership`; role null removes. `handover` names who becomes owner by it. */
export interface MembershipBody {
  user: UserId
  role: Role | null
}

function withRole(member: MemberRecord | undefined, user: UserId, role: Role | null, seq: number): MemberRecord {
  const intervals = member?.intervals ?? []
  const present = member !== undefined && member.role !== null
  if (role === null) {
    if (!present) return member ?? { user, role, intervals }
    const open = intervals.at(-1) as Interval
    return { user, role, intervals: [...intervals.slice(0, -1), { from: open.from, to: seq }] }
  }
  return { user, role, intervals: present ? intervals : [...intervals, { from: seq, to: undefined }] }
}

/** What is deleted for everyone is pinned no longer (rule F5). */
function withoutDeleted(pins: readonly number[], body: string): readonly number[] {
  if (pins.length === 0) return pins
  const { target } = JSON.parse(body) as { target: number }
  return pins.includes(target) ? pins.filter((pin) => pin !== target) : pins
}

/** True when the entry changes more of the record than how far it reflects the log. */
export function changesRecord({ pins }: ConversationRecord, { kind, body }: Pick<Entry, 'kind' | 'body'>): boolean {
  if (kind === 'delete') return withoutDeleted(pins, body) !== pins
  return kind === 'membership' || kind === 'conversation'
}

/** What an entry does to the conversation it is in: the next record, and the members it changed. */
export function foldEntry(
  record: ConversationRecord,
  entry: Pick<Entry, 'kind' | 'seq' | 'body'>,
): { record: ConversationRecord; changed: readonly MemberRecord[] } {
  switch (entry.kind) {
    case 'message':
    case 'edit':
    case 'reaction':
      return { record: { ...record, asOf: entry.seq }, changed: [] }
    case 'delete':
      return { record: { ...record, pins: withoutDeleted(record.pins, entry.body), asOf: entry.seq }, changed: [] }
    case 'membership': {
      const { user, role } = JSON.parse(entry.body) as MembershipBody
      const member = withRole(record.members.get(user), user, role, entry.seq)
      const members = new Map(record.members).set(user, member)
      return { record: { ...record, members, asOf: entry.seq }, changed: [member] }
    }
    case 'conversation': {
      const body = JSON.parse(entry.body) as ConversationBody
      const changed = (body.members ?? []).map(({ user, role }) =>
        withRole(record.members.get(user), user, role, entry.seq),
      )
      const members = new Map(record.members)
      for (const member of changed) members.set(member.user, member)
      return {
        record: {
          ...record,
          title: body.title ?? record.title,
          description: body.description ?? record.description,
          avatar: body.avatar ?? record.avatar,
          history: body.history ?? record.history,
          pins: body.pins ?? record.pins,
          members,
          asOf: entry.seq,
        },
        changed,
      }
    }
  }
}

/** Members present now, in order of joining. */
export function presentMembers(record: ConversationRecord): UserId[] {
  const present = [...record.members.values()].filter((member) => member.role !== null)
  present.sort((a, b) => joinedSeq(a) - joinedSeq(b))
  return present.map((member) => member.user)
}

/** Where the member's present stay began. */
export function joinedSeq(member: MemberRecord): number {
  return member.intervals.at(-1)?.from ?? 0
}

/** True when `user` may see the entry `seq` (rule D5), as an event of their queue. */
export function inInterval(member: MemberRecord | undefined, seq: number): boolean {
  return member?.intervals.some(({ from, to }) => seq >= from && (to === undefined || seq <= to)) ?? false
}

/** True when a member who is present may read the entry `seq` in the history (rule D5). */
export function mayReadHistory(record: ConversationRecord, user: UserId, seq: number): boolean {
  const member = record.members.get(user)
  if (!member || member.role === null) return false
  return record.history === 'all' || inInterval(member, seq)
}

/** A group that has no entries yet. */
export function emptyGroup(id: ConversationId, createdAt: number): ConversationRecord {
  return {
    id,
    kind: 'group',
    title: undefined,
    description: undefined,
    avatar: undefined,
    history: 'joined',
    createdAt,
    pins: [],
    members: new Map(),
    asOf: 0,
  }
}
