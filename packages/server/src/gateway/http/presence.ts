import { idSchema, presenceListSchema } from '@parley/protocol'
import { z } from 'zod'
import type { PresenceService } from '../../presence/presence-service.ts'
import { type AnyRoute, defineRoute, ok, type RouteLimit } from './route.ts'

const looking: RouteLimit = { name: 'presence-read', by: 'user', points: 300, seconds: 60 }

const userList = z
  .string()
  .max(8192)
  .transform((text) => [...new Set(text.split(',').filter((id) => id !== ''))])
  .pipe(z.array(idSchema).max(100))

export function presenceRoutes(presence: PresenceService): AnyRoute[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/presence',
      summary: 'Who of these users is online, for those I may see',
      auth: 'device',
      limits: [looking],
      query: z.object({ users: userList }),
      answer: presenceListSchema,
      handle: async ({ identity, query }) => ok({ items: await presence.of(identity.user, query.users) }),
    }),
  ]
}
