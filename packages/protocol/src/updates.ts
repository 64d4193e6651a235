import { z } from 'zod'
import { contentSchema } from './content.ts'
import { historySchema, roleSchema, settingsSchema } from './shapes.ts'

const entry = { conversation: z.string(), seq: z.int() }

export const messageUpdateSchema = z.object({
  kind: z.literal('message'),
  ...entry,
  id: z.string(),
  sender: z.string(),
  device: z.string(),
  clientMessageId: z.string().optional(),
  sentAt: z.int(),
  /** `{}` when the message was deleted for everyone since; the `delete` entry follows in the log. */
  content: z.union([contentSchema, z.object({})]),
  replyTo: z.int().optional(),
  mentions: z.array(z.string()).optional(),
})
const editUpdateSchema = z.object({
  kind: z.literal('edit'),
  ...entry,
  target: z.int(),
  content: z.union([contentSchema, z.object({})]),
  by: z.string(),
  at: z.int(),
})
const deleteUpdateSchema = z.object({
  kind: z.literal('delete'),
  ...entry,
  target: z.int(),
  by: z.string(),
  at: z.int(),
})
const reactionUpdateSchema = z.object({
  kind: z.literal('reaction'),
  ...entry,
  target: z.int(),
  user: z.string(),
  emoji: z.string().nullable(),
  at: z.int(),
})
const membershipUpdateSchema = z.object({
  kind: z.literal('membership'),
  ...entry,
  user: z.string(),
  /** null: the user is no longer a member. */
  role: roleSchema.nullable(),
  by: z.string(),
  at: z.int(),
})
const conversationUpdateSchema = z.object({
  kind: z.literal('conversation'),
  ...entry,
  title: z.string().optional(),
  description: z.string().optional(),
  avatar: z.string().optional(),
  history: historySchema.optional(),
  members: z.array(z.object({ user: z.string(), role: roleSchema })).optional(),
  /** What is pinned from now on, the oldest pin first (rule F4). */
  pins: z.array(z.int()).optional(),
  by: z.string(),
  at: z.int(),
})
/** An update that is an entry of a conversation's log, with its own `seq` (rule D4). */
export const entryUpdateSchema = z.discriminatedUnion('kind', [
  messageUpdateSchema,
  editUpdateSchema,
  deleteUpdateSchema,
  reactionUpdateSchema,
  membershipUpdateSchema,
  conversationUpdateSchema,
])

const receiptsUpdateSchema = z.object({
  kind: z.literal('receipts'),
  conversation: z.string(),
  /** Watermarks; newer replaces older, and none moves back. */
  members: z.array(
    z.object({
      user: z.string(),
      delivered: z.int().optional(),
      deliveredAt: z.int().optional(),
      read: z.int().optional(),
      seenAt: z.int().optional(),
    }),
  ),
})
const readUpdateSchema = z.object({
  kind: z.literal('read'),
  conversation: z.string(),
  read: z.int(),
  unread: z.int(),
  /** Others' messages beyond `head` add to `unread`. */
  head: z.int(),
})
const settingsUpdateSchema = settingsSchema.extend({
  kind: z.literal('settings'),
  conversation: z.string(),
  at: z.int(),
})
const hiddenUpdateSchema = z.object({ kind: z.literal('hidden'), conversation: z.string(), target: z.int() })
const starUpdateSchema = z.object({
  kind: z.literal('star'),
  conversation: z.string(),
  target: z.int(),
  starred: z.boolean(),
  at: z.int(),
})
const clearedUpdateSchema = z.object({
  kind: z.literal('cleared'),
  conversation: z.string(),
  /** Messages up to here are gone for me (rule F6). */
  upTo: z.int(),
  at: z.int(),
})
const deviceUpdateSchema = z.object({
  kind: z.literal('device'),
  added: z.string().optional(),
  removed: z.string().optional(),
  at: z.int(),
})

/** Everything a sync queue may carry (protocol, "Update"). */
export const updateSchema = z.discriminatedUnion('kind', [
  messageUpdateSchema,
  editUpdateSchema,
  deleteUpdateSchema,
  reactionUpdateSchema,
  membershipUpdateSchema,
  conversationUpdateSchema,
  receiptsUpdateSchema,
  readUpdateSchema,
  settingsUpdateSchema,
  hiddenUpdateSchema,
  starUpdateSchema,
  clearedUpdateSchema,
  deviceUpdateSchema,
])
export type EntryUpdate = z.infer<typeof entryUpdateSchema>
export type Update = z.infer<typeof updateSchema>
export type MessageUpdate = z.infer<typeof messageUpdateSchema>
export type ReceiptsUpdate = z.infer<typeof receiptsUpdateSchema>
export type ReadUpdate = z.infer<typeof readUpdateSchema>
export type SettingsUpdate = z.infer<typeof settingsUpdateSchema>
export type HiddenUpdate = z.infer<typeof hiddenUpdateSchema>
export type StarUpdate = z.infer<typeof starUpdateSchema>
export type ClearedUpdate = z.infer<typeof clearedUpdateSchema>
export type DeviceUpdate = z.infer<typeof deviceUpdateSchema>
