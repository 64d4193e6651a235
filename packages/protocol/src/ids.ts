import { z } from 'zod'

/** Every id is a string on the wire (rule C1). */
export const idSchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/)
export type UserId = string
export type DeviceId = string
export type ConversationId = string
/** A Snowflake in decimal. It grows with `seq` inside a conversation (rule D3). */
export type MessageId = string
export type MediaId = string
/** Opaque position in one user's sync queue; never compared by clients (rule C1). */
export type Position = string

/** 1, 2, 3… in one conversation, without holes (rule D3). */
export const seqSchema = z.int().min(1)
/** A client's own name for a message, unique for its user and conversation (rule D2). */
export const clientMessageIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)
/** Milliseconds since the epoch, by the server's clock (rule C1). */
export const timeSchema = z.int().min(0)
