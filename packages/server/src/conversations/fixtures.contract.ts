import type { UserId } from '@parley/protocol'
import { expect } from 'vitest'
import { endsWithin, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import { appendUntilKnown, type LogNode } from '../log/appending.contract.ts'
import type { ConversationRecord, MemberRecord, ProjectionChange } from '../log/conversation-record.ts'
import type { ConversationStore, InboxRow } from './conversation-store.ts'

export interface ConversationNode extends LogNode {
  conversations: ConversationStore
}

export const present = (user: UserId, from: number, role: MemberRecord['role'] = 'member'): MemberRecord => ({
  user,
  role,
  intervals: [{ from, to: undefined }],
})

export function directOf(a: UserId, b: UserId, createdAt: number): ConversationRecord {
  const members = new Map([a, b].map((user) => [user, present(user, 1)]))
  const none = { title: undefined, description: undefined, avatar: undefined }
  return { id: unique('c'), kind: 'direct', ...none, history: 'joined', createdAt, pins: [], members, asOf: 0 }
}

function groupOf(members: readonly MemberRecord[], createdAt: number): ConversationRecord {
  return {
    id: unique('c'),
    kind: 'group',
    title: 'Friends',
    description: undefined,
    avatar: undefined,
    history: 'joined',
    pins: [],
    createdAt,
    members: new Map(members.map((member) => [member.user, member])),
    asOf: 1,
  }
}

export function changeOf(
  record: ConversationRecord,
  members: readonly MemberRecord[],
  joined: ProjectionChange['joined'] = [],
): ProjectionChange {
  const { members: _, ...conversation } = record
  return { conversation, members, joined }
}

/** Makes a group by its opening entry, as the log of a server does. */
export async function createGroup(
  node: ConversationNode,
  users: readonly UserId[],
  at: number,
): Promise<ConversationRecord> {
  const record = groupOf(
    users.map((user, index) => present(user, 1, index === 0 ? 'owner' : 'member')),
    at,
  )
  const joined = users.map((user) => ({ user, read: 1, messages: 0, own: 0 }))
  const opening = { sender: users[0]!, kind: 'conversation' as const, body: { title: 'Friends' } }
  await appendUntilKnown(node, record.id, [opening], users, {
    now: at,
    projection: changeOf(record, [...record.members.values()], joined),
  })
  return record
}

export async function load(node: ConversationNode, id: string) {
  const loaded = await retry(() => node.conversations.load(id))
  if (!loaded) throw new Error(`conversation ${id} is unknown`)
  return loaded
}

export async function inboxPages(node: ConversationNode, user: UserId, limit: number): Promise<InboxRow[]> {
  const rows: InboxRow[] = []
  const round = endsWithin(10_000)
  for (;;) {
    round()
    const page = await retry(() => node.conversations.inbox(user, rows.at(-1), limit))
    expect(page.length).toBeLessThanOrEqual(limit)
    rows.push(...page)
    if (page.length < limit) return rows
  }
}

export const nodesOf = async (stores: TestStores<ConversationNode>): Promise<[ConversationNode, ConversationNode]> => [
  await stores.node(1),
  await stores.node(2),
]
