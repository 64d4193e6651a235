import { z } from 'zod'

const keySchema = z.string().regex(/^[A-Za-z0-9_-]{16,200}={0,2}$/)

/** What a browser's push manager gives (`PushSubscription.toJSON()`; RFC 8030, RFC 8291). UnifiedPush gives the same. */
const webPushSubscriptionSchema = z.object({
  endpoint: z.url({ protocol: /^https$/ }).max(2048),
  expirationTime: z.number().nullish(),
  keys: z.object({ p256dh: keySchema, auth: keySchema }),
})

/** Where notifications of a device go: the body of `PUT /v1/me/devices/current/push`. */
export const pushRegistrationSchema = z.discriminatedUnion('provider', [
  z.object({ provider: z.literal('webpush'), subscription: webPushSubscriptionSchema }),
  z.object({
    provider: z.literal('apns'),
    /** Device token in hex. */
    token: z.string().regex(/^[0-9a-fA-F]{16,400}$/),
    /** Bundle id of the app. */
    topic: z.string().min(1).max(255),
    environment: z.enum(['production', 'sandbox']),
  }),
  z.object({
    provider: z.literal('fcm'),
    token: z.string().min(1).max(4096),
    /** Which of the operator's apps; the first one when absent. */
    app: z.string().min(1).max(64).optional(),
  }),
])
export type PushRegistration = z.infer<typeof pushRegistrationSchema>
export type WebPushSubscription = z.infer<typeof webPushSubscriptionSchema>
