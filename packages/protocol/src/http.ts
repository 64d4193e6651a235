import { z } from 'zod'
import { contentSchema } from './content.ts'
import { clientMessageIdSchema, idSchema, seqSchema } from './ids.ts'
import {
  conversationSchema,
  deviceSchema,
  historySchema,
  inboxItemSchema,
  messageSchema,
  roleSchema,
  settingsSchema,
  userSchema,
} from './shapes.ts'
import { entryUpdateSchema, updateSchema } from './updates.ts'

/** Bodies of requests and answers under `/v1` (protocol, "HTTP"). */

/** Usernames are case-folded before they are checked or compared. */
export const usernameSchema = z
  .string()
  .max(64)
  .transform((name) => name.toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9_.]{3,32}$/))
export const passwordSchema = z.string().min(10).max(1024)
export const displayNameSchema = z.string().trim().min(1).max(80)
export const deviceInputSchema = z.object({
  name: z.string().trim().min(1).max(80),
  platform: z.string().max(32).optional(),
})

export const registerBodySchema = z.object({
  username: usernameSchema,
  password: passwordSchema,
  displayName: displayNameSchema.optional(),
  device: deviceInputSchema,
})
/** No rule but a bound on what is compared: a log-in says `unauthenticated`, never what a name or password must look like. */
export const loginBodySchema = z.object({
  username: z.string().max(64),
  password: z.string().max(1024),
  device: deviceInputSchema,
})
export const sessionAnswerSchema = z.object({ user: userSchema, device: deviceSchema, token: z.string() })
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>

export const profilePatchSchema = z.object({
  displayName: displayNameSchema.optional(),
  avatar: idSchema.nullable().optional(),
})
const oldPasswordSchema = z.string().max(1024)
/** `{current, password}`; `oldPassword` and `newPassword` mean the same. */
export const passwordChangeSchema = z
  .object({
    current: oldPasswordSchema.optional(),
    password: passwordSchema.optional(),
    oldPassword: oldPasswordSchema.optional(),
    newPassword: passwordSchema.optional(),
  })
  .transform(({ current, password, oldPassword, newPassword }, { issues, value }) => {
    const [old, next] = [current ?? oldPassword, password ?? newPassword]
    if (old !== undefined && next !== undefined) return { current: old, password: next }
    const missing = old === undefined ? 'current' : 'password'
    issues.push({ code: 'custom', input: value, path: [missing], message: 'This is needed.' })
    return z.NEVER
  })
export const accountDeleteSchema = z.object({ password: z.string().max(1024) })
const timeOfDaySchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)
export const userSettingsSchema = z.object({
  readReceipts: z.boolean().optional(),
  lastSeen: z.enum(['everyone', 'contacts', 'nobody']).optional(),
  quietHours: z
    .object({
      from: timeOfDaySchema,
      to: timeOfDaySchema,
      timeZone: z.string().max(64).optional(),
    })
    .nullable()
    .optional(),
  preview: z.boolean().optional(),
  locale: z.string().max(35).optional(),
})
export type UserSettings = z.infer<typeof userSettingsSchema>

export const groupCreateSchema = z.object({
  title: z.string().trim().min(1).max(100),
  description: z.string().max(2048).optional(),
  history: historySchema.optional(),
  members: z.array(idSchema).max(1000),
})
export const conversationPatchSchema = z.object({
  title: z.string().trim().min(1).max(100).optional(),
  description: z.string().max(2048).optional(),
  avatar: idSchema.optional(),
  history: historySchema.optional(),
})
export const memberPutSchema = z.object({ role: roleSchema.optional() })
export const settingsPatchSchema = settingsSchema.extend({
  mutedUntil: z.int().min(0).nullable().optional(),
  removed: z.int().min(0).nullable().optional(),
})

export const sendBodySchema = z.object({
  clientMessageId: clientMessageIdSchema,
  content: contentSchema,
  replyTo: seqSchema.optional(),
  mentions: z.array(idSchema).max(150).optional(),
})
export const sendAnswerSchema = z.object({
  conversation: z.string(),
  seq: z.int(),
  id: z.string(),
  sentAt: z.int(),
  duplicate: z.literal(true).optional(),
})
/** What `ok` says of a `send` (protocol, `ok`). */
export type SendAnswer = z.infer<typeof sendAnswerSchema>
export const editBodySchema = z.object({ content: contentSchema, clientMessageId: clientMessageIdSchema.optional() })
export const reactBodySchema = z.object({
  emoji: z.string().min(1).max(32).nullable(),
  clientMessageId: clientMessageIdSchema.optional(),
})
export const readBodySchema = z.object({ seq: z.int().min(0) })
export const clearBodySchema = z.object({ upTo: z.int().min(0) })
export const amendAnswerSchema = z.object({
  conversation: z.string(),
  seq: z.int(),
  id: z.string(),
  duplicate: z.literal(true).optional(),
})
export type AmendAnswer = z.infer<typeof amendAnswerSchema>

export const messagePageSchema = z.object({
  items: z.array(messageSchema),
  from: z.int(),
  to: z.int(),
  next: z.string().optional(),
})
export type MessagePage = z.infer<typeof messagePageSchema>
export const starredPageSchema = z.object({ items: z.array(messageSchema), next: z.string().optional() })
export type StarredPage = z.infer<typeof starredPageSchema>
export const entryPageSchema = z.object({ items: z.array(entryUpdateSchema), next: z.string().optional() })
export type EntryPage = z.infer<typeof entryPageSchema>
export const inboxPageSchema = z.object({ items: z.array(inboxItemSchema), next: z.string().optional() })
export type InboxPage = z.infer<typeof inboxPageSchema>
export const receiptListSchema = z.object({
  items: z.array(z.object({ user: z.string(), deliveredAt: z.int().optional(), seenAt: z.int().optional() })),
})
export const syncAnswerSchema = z.object({
  updates: z.array(z.object({ pos: z.string(), update: updateSchema })),
  cursor: z.string(),
  live: z.boolean(),
  resume: z.enum(['ok', 'reset']),
})
/** Answer of the long poll (rule L1). */
export type SyncAnswer = z.infer<typeof syncAnswerSchema>
export const connectAnswerSchema = z.object({ url: z.string(), ticket: z.string(), expiresAt: z.int() })
export type ConnectAnswer = z.infer<typeof connectAnswerSchema>
export const presenceListSchema = z.object({
  items: z.array(
    z.object({ user: z.string(), status: z.enum(['online', 'away', 'offline']), lastOnline: z.int().optional() }),
  ),
})
export const conversationAnswerSchema = conversationSchema
