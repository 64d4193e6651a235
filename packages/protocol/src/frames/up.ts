import { z } from 'zod'
import { contentSchema } from '../content.ts'
import { clientMessageIdSchema, idSchema, seqSchema } from '../ids.ts'
import { limits } from '../limits.ts'

const ref = z.number()
const clientMessageId = clientMessageIdSchema.optional()
const emoji = z.string().min(1).max(32).nullable()

export const helloSchema = z.object({
  t: z.literal('hello'),
  token: z.string().max(256).optional(),
  ticket: z.string().max(256).optional(),
  cursor: z.string().max(2048).nullish(),
  window: z.int().min(1).max(limits.window).default(256),
  client: z.string().max(64).optional(),
})
export const sendSchema = z.object({
  t: z.literal('send'),
  ref,
  conversation: idSchema,
  clientMessageId: clientMessageIdSchema,
  content: contentSchema,
  replyTo: seqSchema.optional(),
  mentions: z.array(idSchema).max(limits.groupMembers).optional(),
})
export const editSchema = z.object({
  t: z.literal('edit'),
  ref,
  conversation: idSchema,
  seq: seqSchema,
  content: contentSchema,
  clientMessageId,
})
export const deleteSchema = z.object({
  t: z.literal('delete'),
  ref,
  conversation: idSchema,
  seq: seqSchema,
  for: z.enum(['everyone', 'me']),
  clientMessageId,
})
export const reactSchema = z.object({
  t: z.literal('react'),
  ref,
  conversation: idSchema,
  seq: seqSchema,
  emoji,
  clientMessageId,
})
export const ackSchema = z.object({ t: z.literal('ack'), pos: z.string().max(2048) })
export const readSchema = z.object({
  t: z.literal('read'),
  conversation: idSchema,
  seq: z.int().min(0),
  ref: ref.optional(),
})
export const typingSchema = z.object({
  t: z.literal('typing'),
  conversation: idSchema,
  state: z.enum(['typing', 'recording', 'idle']),
})
export const presenceSchema = z.object({
  t: z.literal('presence'),
  status: z.enum(['active', 'away']),
  watch: z.array(idSchema).max(500).optional(),
  unwatch: z.array(idSchema).max(500).optional(),
})
export const pingSchema = z.object({ t: z.literal('ping') })

/** Every frame that a client may send (protocol, "Client → server"). */
export const upFrameSchema = z.discriminatedUnion('t', [
  helloSchema,
  sendSchema,
  editSchema,
  deleteSchema,
  reactSchema,
  ackSchema,
  readSchema,
  typingSchema,
  presenceSchema,
  pingSchema,
])
export type UpFrame = z.infer<typeof upFrameSchema>
export type HelloFrame = z.infer<typeof helloSchema>
export type SendFrame = z.infer<typeof sendSchema>
export type EditFrame = z.infer<typeof editSchema>
export type DeleteFrame = z.infer<typeof deleteSchema>
export type ReactFrame = z.infer<typeof reactSchema>
export type AckFrame = z.infer<typeof ackSchema>
export type ReadFrame = z.infer<typeof readSchema>
export type TypingFrame = z.infer<typeof typingSchema>
export type PresenceFrame = z.infer<typeof presenceSchema>
