import { z } from 'zod'
import { idSchema } from './ids.ts'

/** Bodies and answers of `/v1/media` (rules M1–M4). */

const mediaTypeSchema = z
  .string()
  .max(255)
  // Parameters say nothing that the bytes do not say.
  .transform((type) => (type.split(';')[0] ?? '').trim().toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/))

/** A file name without folders and without signs that show nothing. */
const fileNameSchema = z
  .string()
  .max(1024)
  .transform((name) => (name.split(/[/\\]/).at(-1) ?? '').replaceAll(/[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]/g, ''))
  .transform((name) => name.trim().slice(0, 255))

export const mediaCreateSchema = z.object({
  /** Bytes. */
  size: z.int().min(1),
  type: mediaTypeSchema,
  /** SHA-256 of the bytes in hex. */
  sha256: z
    .string()
    .transform((hash) => hash.toLowerCase())
    .pipe(z.string().regex(/^[0-9a-f]{64}$/)),
  name: fileNameSchema.optional(),
})

export const uploadPartSchema = z.object({
  number: z.int(),
  url: z.string(),
  /** Its bytes begin there. */
  from: z.int(),
  size: z.int(),
  /** It came already. */
  stored: z.boolean().optional(),
})

/**
 * How the bytes are sent (rule M1). Without `parts`: by tus 1.0 (`PATCH` with `Upload-Offset`; `HEAD` tells how far it is).
 * With `parts`: each to its own URL with `method` and `headers`.
 */
export const uploadSchema = z.object({
  method: z.enum(['PATCH', 'PUT']),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  /** Bytes that came already, by tus. */
  offset: z.int().optional(),
  parts: z.array(uploadPartSchema).optional(),
})
export type Upload = z.infer<typeof uploadSchema>
export type UploadPart = z.infer<typeof uploadPartSchema>

export const mediaCreatedSchema = z.object({ id: z.string(), upload: uploadSchema })

/** What only the client can tell of video and sound. */
export const mediaCompleteSchema = z.object({
  width: z.int().min(1).max(65_535).optional(),
  height: z.int().min(1).max(65_535).optional(),
  /** Seconds. */
  duration: z.number().min(0).max(1_000_000).optional(),
  /** Loudness over time, for voice messages. */
  waveform: z.array(z.number().min(0).max(65_535)).min(1).max(256).optional(),
  /** An image that was uploaded for a video. */
  poster: idSchema.optional(),
})

export const mediaLinkSchema = z.object({ url: z.string(), expiresAt: z.int() })
/** What was put away is being restored; to be asked for again after `retryAfter` ms (rule M4). */
export const mediaRestoringSchema = z.object({ restoring: z.literal(true), retryAfter: z.int() })
export type MediaLink = z.infer<typeof mediaLinkSchema>
/** `GET /v1/me/media`: bytes and number of my media, and the bytes they may have. */
export const mediaUsageSchema = z.object({ bytes: z.int(), count: z.int(), quota: z.int() })
export type MediaUsage = z.infer<typeof mediaUsageSchema>
