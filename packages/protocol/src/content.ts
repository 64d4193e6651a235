import { z } from 'zod'
import { idSchema } from './ids.ts'

export const mediaSchema = z.object({
  id: idSchema,
  caption: z.string().max(4096).optional(),
  type: z.string().optional(),
  size: z.int().optional(),
  name: z.string().optional(),
  width: z.int().optional(),
  height: z.int().optional(),
  duration: z.number().optional(),
  thumbhash: z.string().optional(),
  waveform: z.array(z.number()).optional(),
})
/** The client sends `{id, caption?}`; the server fills in the rest (rule C7). */
export type Media = z.infer<typeof mediaSchema>

export const locationSchema = z.object({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  name: z.string().max(256).optional(),
})
export const contactSchema = z.object({
  name: z.string().min(1).max(256),
  phones: z.array(z.string().min(1).max(32)).max(16).optional(),
  user: idSchema.optional(),
})

/**
 * What a message carries (rule C7): at least one of text, media, location, contact;
 * or `sealed` alone, opaque bytes in base64 for end-to-end encryption.
 */
export const contentSchema = z
  .object({
    text: z.string().min(1).optional(),
    media: mediaSchema.optional(),
    location: locationSchema.optional(),
    contact: contactSchema.optional(),
    sealed: z.base64().min(1).optional(),
    /** It was said elsewhere before. */
    forwarded: z.literal(true).optional(),
  })
  .refine((c) => c.text !== undefined || c.media || c.location || c.contact || c.sealed !== undefined, {
    message: 'needs one of text, media, location, contact, sealed',
  })
  .refine((c) => c.sealed === undefined || !(c.text !== undefined || c.media || c.location || c.contact), {
    message: 'sealed stands alone',
  })
export type Content = z.infer<typeof contentSchema>
