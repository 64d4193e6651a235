import { z } from 'zod'
import { contentSchema } from './content.ts'

export const roleSchema = z.enum(['owner', 'admin', 'member'])
export type Role = z.infer<typeof roleSchema>
export const historySchema = z.enum(['joined', 'all'])
/** Who may read what was said before they joined (rule D5). */
export type History = z.infer<typeof historySchema>

export const userSchema = z.object({
  id: z.string(),
  username: z.string(),
  displayName: z.string(),
  avatar: z.string().optional(),
})
export type User = z.infer<typeof userSchema>

export const deviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  platform: z.string().optional(),
  createdAt: z.int(),
  lastSeenAt: z.int().optional(),
  lastSeenMessageId: z.string().optional(),
  current: z.boolean(),
})
export type Device = z.infer<typeof deviceSchema>

export const conversationSchema = z.object({
  id: z.string(),
  kind: z.enum(['direct', 'group']),
  title: z.string().optional(),
  description: z.string().optional(),
  avatar: z.string().optional(),
  history: historySchema,
  /** The newest seq; 0 when nothing was said yet. */
  head: z.int(),
  createdAt: z.int(),
  /** Seqs of pinned messages, the oldest pin first; not there when nothing is pinned (rule F4). */
  pins: z.array(z.int()).optional(),
})
export type Conversation = z.infer<typeof conversationSchema>

export const membershipSchema = z.object({ user: z.string(), role: roleSchema, joinedSeq: z.int() })
export type Membership = z.infer<typeof membershipSchema>

export const settingsSchema = z.object({
  mutedUntil: z.int().min(0).optional(),
  notify: z.enum(['all', 'mentions', 'none']).optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  /** Taken out of my list until there is a message beyond this seq (rule F8). */
  removed: z.int().min(0).optional(),
})
/** A member's own settings of one conversation. */
export type Settings = z.infer<typeof settingsSchema>

export const messageSchema = z.object({
  conversation: z.string(),
  seq: z.int(),
  id: z.string(),
  sender: z.string(),
  device: z.string(),
  /** To the sender's own devices only. */
  clientMessageId: z.string().optional(),
  sentAt: z.int(),
  content: z.union([contentSchema, z.object({})]),
  replyTo: z.int().optional(),
  mentions: z.array(z.string()).optional(),
  editedAt: z.int().optional(),
  /** When set, the message was deleted for everyone and its content is empty. */
  deletedAt: z.int().optional(),
  reactions: z.record(z.string(), z.array(z.string())).optional(),
  deliveredAt: z.int().optional(),
  seenAt: z.int().optional(),
  /** When I starred it (rule F1). */
  starredAt: z.int().optional(),
})
export type Message = z.infer<typeof messageSchema>

/** What a member alone is told: how they set the conversation up, and how far they have read. */
export const ownMembershipSchema = membershipSchema.extend(settingsSchema.shape).extend({
  read: z.int(),
  /** Messages up to here are gone for me (rule F6). */
  cleared: z.int().optional(),
})
export type OwnMembership = z.infer<typeof ownMembershipSchema>

export const inboxItemSchema = z.object({
  conversation: conversationSchema,
  membership: ownMembershipSchema,
  peer: userSchema.optional(),
  /** Exact (rule Y6). */
  unread: z.int(),
  lastMessage: messageSchema.optional(),
})
export type InboxItem = z.infer<typeof inboxItemSchema>
