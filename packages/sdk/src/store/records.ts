import type {
  Content,
  ConversationId,
  Device,
  EntryUpdate,
  HiddenUpdate,
  History,
  Membership,
  Message,
  Role,
  Settings,
  StarUpdate,
  User,
  UserId,
} from '@parley/protocol'

/** Who is logged in on this device. Without a token the server ended it; what is stored waits for the same user. */
export interface StoredSession {
  user: User
  device: Device
  token?: string
}

/** A message with what amended it, kept so that amendments can be folded in any order, any number of times. */
export interface StoredMessage extends Omit<Message, 'reactions' | 'editedAt' | 'starredAt'> {
  /** The edit that is shown: its entry, 0 when it was read from a page. */
  edit?: { seq: number; at: number }
  /** Each user's last reaction, null when taken back, and its entry; below 0 when it was read from a page. */
  reactions?: Record<UserId, { emoji: string | null; seq: number }>
  /** Deleted for me. It still counts (rule Y6). */
  hidden?: true
  /** Whether I starred it, as of when (rule F1). */
  star?: { on: boolean; at: number }
}

/** What changes a message after it was sent; `hidden`: deleted for me; `star`: mine. */
export type Amending = Amendment | HiddenUpdate | StarUpdate
export type Amendment = Extract<EntryUpdate, { kind: 'edit' | 'delete' | 'reaction' }>

/** How far a member's devices got. */
export interface Watermarks {
  delivered: number
  deliveredAt?: number
  read: number
  seenAt?: number
}

export interface StoredConversation {
  id: ConversationId
  kind: 'direct' | 'group'
  title?: string
  description?: string
  avatar?: string
  history: History
  createdAt: number
  /** Title and the like are as of this entry. */
  infoSeq: number
  /** True until title, kind, members, settings were read from the server. */
  partial?: true
  peer?: UserId
  /** null: no longer a member. */
  role: Role | null
  joinedSeq: number
  /** Present members when known. */
  members?: Membership[]
  /** What is pinned, the oldest pin first (rule F4). */
  pins?: readonly number[]
  /** Messages up to here are gone for me (rule F6). */
  cleared?: number
  /** When I starred which message, as far as this device has seen. */
  stars?: Readonly<Record<number, number>>
  settings: Settings
  /** The update that they are of; undefined: none came since they were read from a page. */
  settingsAt?: number
  /** Every entry up to here is applied (or was never mine to see). */
  applied: number
  /** Own entries beyond `applied` that an `ok` told of (rule D7), ascending. */
  ahead: number[]
  /** What amends messages that did not come here yet. */
  early?: Amending[]
  /** All entries from here to `applied` were applied one by one: what is counted in them is exact. */
  since: number
  /** The store has every visible message from here to `applied`. */
  from: number
  /** Nothing that I may read lies before `from`. */
  complete: boolean
  read: number
  /** The server has this read watermark. */
  readSent: number
  /** Messages of others behind `read` up to the larger of `applied` and `counted` (rule Y6). */
  unread: number
  /** Entries up to here are in `unread` already. */
  counted: number
  receipts: Record<UserId, Watermarks>
  lastMessage?: StoredMessage
}

interface OutboxBase {
  /** Grows in the order in which things were asked for. */
  order: number
  conversation: ConversationId
  clientMessageId: string
  createdAt: number
}
/** Something that is to reach the server, once, in order. */
export type OutboxItem =
  | (OutboxBase & { kind: 'send'; content: Content; replyTo?: number; mentions?: UserId[] })
  | (OutboxBase & { kind: 'edit'; seq: number; content: Content })
  | (OutboxBase & { kind: 'delete'; seq: number; for: 'everyone' | 'me' })
  | (OutboxBase & { kind: 'react'; seq: number; emoji: string | null })
