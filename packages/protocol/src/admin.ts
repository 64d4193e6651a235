import { z } from 'zod'
import { deviceSchema, userSchema } from './shapes.ts'

/** Bodies of requests and answers under `/v1/admin` (docs/spec/operators.md). */

export const claimBodySchema = z.object({ token: z.string().min(1).max(128) })
export const suspensionBodySchema = z.object({ reason: z.string().trim().min(1).max(500) })

export const adminUserSchema = userSchema.extend({
  createdAt: z.int(),
  operator: z.literal(true).optional(),
  suspended: z.object({ at: z.int(), reason: z.string(), by: z.string() }).optional(),
})
/** A user as operators see them. */
export type AdminUser = z.infer<typeof adminUserSchema>
export const adminUserPageSchema = z.object({ items: z.array(adminUserSchema), next: z.string().optional() })
export type AdminUserPage = z.infer<typeof adminUserPageSchema>

export const adminDeviceSchema = deviceSchema.omit({ current: true }).extend({
  /** Nodes on which it has a socket now. */
  nodes: z.array(z.string()),
})
export type AdminDevice = z.infer<typeof adminDeviceSchema>

const trafficSchema = z.object({
  /** Messages made durable since the node started. */
  messages: z.int(),
  /** Of the last minute. */
  perMinute: z.int(),
})
export const adminNodeSchema = z.object({
  id: z.string(),
  url: z.string(),
  roles: z.array(z.string()),
  sessions: z.int(),
  draining: z.boolean(),
  /** The one that answers. */
  here: z.boolean(),
  /** Not there when the node did not say. */
  version: z.string().optional(),
  startedAt: z.int().optional(),
  /** Bytes of its process. */
  memory: z.int().optional(),
  traffic: trafficSchema.optional(),
})
export type AdminNode = z.infer<typeof adminNodeSchema>

export const storageSchema = z.object({
  /** Bytes of the data folder with everything in it. */
  folder: z.int().optional(),
  /** Bytes of the database; with engines, that of accounts and search. */
  database: z.int().optional(),
  media: z.array(z.object({ tier: z.string(), bytes: z.int(), objects: z.int() })).optional(),
  /** Bytes that the disk of the data folder has left. */
  free: z.int().optional(),
})
export type StorageUsed = z.infer<typeof storageSchema>

export const overviewSchema = z.object({
  version: z.string(),
  nodes: z.array(adminNodeSchema),
  /** All nodes that answered, together. */
  traffic: trafficSchema.extend({ sessions: z.int() }),
  storage: storageSchema,
  at: z.int(),
})
export type Overview = z.infer<typeof overviewSchema>

export const auditActions = [
  'claim',
  'grant-operator',
  'revoke-operator',
  'suspend',
  'unsuspend',
  'reset-password',
  'log-out',
  'delete',
] as const
const namedSchema = z.object({ id: z.string(), username: z.string() })
export const auditEntrySchema = z.object({
  id: z.string(),
  at: z.int(),
  /** Not there for the command line. */
  by: namedSchema.optional(),
  action: z.enum(auditActions),
  /** To whom it was done, with the name they had. */
  user: namedSchema.optional(),
  /** Of one device, when it was one. */
  device: z.string().optional(),
  reason: z.string().optional(),
})
/** Something that an operator did. */
export type AuditEntry = z.infer<typeof auditEntrySchema>
export const auditPageSchema = z.object({ items: z.array(auditEntrySchema), next: z.string().optional() })
export type AuditPage = z.infer<typeof auditPageSchema>
