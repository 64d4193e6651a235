import type { ConversationId, History, Membership, Message, Role, Settings, User, UserId } from '@parley/protocol'
import type { StoredConversation } from '../store/records.ts'
import { shown } from './message.ts'

/** A conversation as a list of chats shows it. */
export interface Conversation {
  id: ConversationId
  kind: 'direct' | 'group'
  title?: string
  description?: string
  avatar?: string
  history: History
  createdAt: number
  /** The other one of a direct conversation, when known. */
  peer?: User
  /** null: no longer a member. */
  role: Role | null
  joinedSeq: number
  /** Present members, when they were read. */
  members?: Membership[]
  /** What is pinned, the oldest pin first; not there when nothing is. */
  pins?: readonly number[]
  settings: Settings
  /** Messages up to here are gone for me. */
  cleared?: number
  /** The newest entry that is applied. */
  head: number
  /** My read watermark. */
  read: number
  /** Messages of others behind it (rule Y6). */
  unread: number
  lastMessage?: Message
}

export function view(stored: StoredConversation, users: ReadonlyMap<UserId, User>): Conversation {
  const { id, kind, title, description, avatar, history, createdAt, role, joinedSeq, members, settings, read } = stored
  const { pins = [], cleared } = stored
  const peer = stored.peer === undefined ? undefined : users.get(stored.peer)
  const lastMessage = stored.lastMessage && shown(stored.lastMessage)
  return {
    id,
    kind,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(avatar !== undefined && { avatar }),
    history,
    createdAt,
    ...(peer && { peer }),
    role,
    joinedSeq,
    ...(members && { members }),
    ...(pins.length > 0 && { pins }),
    settings,
    ...(cleared !== undefined && { cleared }),
    head: headOf(stored),
    read,
    unread: Math.min(stored.unread, 999),
    ...(lastMessage && { lastMessage }),
  }
}

export function headOf({ applied, ahead }: StoredConversation): number {
  return Math.max(applied, ahead.at(-1) ?? 0)
}

/** Which conversations a list has beside those that I am in and did not remove. */
export interface ListOptions {
  /** Those that I left. */
  left?: boolean
  /** Those that I removed, and in which nothing was said since (rule F8). */
  removed?: boolean
}

export function isListed(stored: StoredConversation, { left = false, removed = false }: ListOptions): boolean {
  const { role, settings, lastMessage } = stored
  const isRemoved = settings.removed !== undefined && (lastMessage?.seq ?? 0) <= settings.removed
  return (left || role !== null) && (removed || !isRemoved)
}

/** Newest message first; what was never written to by when it was made. */
export function byActivity(a: StoredConversation, b: StoredConversation): number {
  return activity(b) - activity(a) || (a.id < b.id ? -1 : 1)
}

const activity = ({ lastMessage, createdAt }: StoredConversation): number => lastMessage?.sentAt ?? createdAt
