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
  settings: Settings
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
    settings,
    head: headOf(stored),
    read,
    unread: Math.min(stored.unread, 999),
    ...(lastMessage && { lastMessage }),
  }
}

export function headOf({ applied, ahead }: StoredConversation): number {
  return Math.max(applied, ahead.at(-1) ?? 0)
}

/** Newest message first; what was never written to by when it was made. */
export function byActivity(a: StoredConversation, b: StoredConversation): number {
  return activity(b) - activity(a) || (a.id < b.id ? -1 : 1)
}

const activity = ({ lastMessage, createdAt }: StoredConversation): number => lastMessage?.sentAt ?? createdAt
