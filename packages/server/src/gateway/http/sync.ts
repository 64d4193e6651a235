import { connectAnswerSchema, syncAnswerSchema } from '@parley/protocol'
import { z } from 'zod'
import type { Identity } from '../../accounts/identity.ts'
import type { LongPoll } from '../long-poll.ts'
import { type AnyRoute, defineRoute, ok, type RouteLimit } from './route.ts'

const polling: RouteLimit = { name: 'sync', by: 'device', points: 1200, seconds: 60 }
const connecting: RouteLimit = { name: 'connect', by: 'device', points: 120, seconds: 60 }

export interface Allocation {
  /** The chat server for this device, and a ticket for it. */
  connect(identity: Identity, avoid: string | undefined): { url: string; ticket: string; expiresAt: number }
}

export function syncRoutes(services: { longPoll: LongPoll; allocation: Allocation }): AnyRoute[] {
  const { longPoll, allocation } = services
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/sync',
      summary: 'Long poll: updates behind a cursor, at once or when they come',
      auth: 'device',
      limits: [polling],
      query: z.object({
        cursor: z.string().max(4096).optional(),
        wait: z.coerce.number().min(0).max(50).default(0),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
      answer: syncAnswerSchema,
      handle: async ({ identity, query, signal }) => ok(await longPoll.poll(identity, query, signal)),
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/connect',
      summary: 'The chat server allocated to this device, and a one-minute ticket for it',
      auth: 'device',
      limits: [connecting],
      body: z.object({ avoid: z.string().max(512).optional() }),
      answer: connectAnswerSchema,
      handle: async ({ identity, body }) => ok(allocation.connect(identity, body.avoid)),
    }),
  ]
}
