import { idSchema, userSchema } from '@parley/protocol'
import { z } from 'zod'
import type { AccountService } from '../../accounts/account-service.ts'
import type { Directory } from '../../accounts/directory.ts'
import { type AnyRoute, created, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const looking: RouteLimit = { name: 'user-read', by: 'user', points: 1200, seconds: 60 }
const searching: RouteLimit = { name: 'user-search', by: 'user', points: 120, seconds: 60 }
const blocking: RouteLimit = { name: 'block', by: 'user', points: 120, seconds: 60 }

const userList = z.object({ items: z.array(userSchema) })
const other = z.object({ userId: idSchema })

/** Other people, and whom I have blocked. */
export function userRoutes(services: { accounts: AccountService; directory: Directory }): AnyRoute[] {
  const { accounts, directory } = services
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/users',
      summary: 'Search users by exact or leading username',
      auth: 'device',
      limits: [searching],
      query: z.object({ query: z.string().min(1).max(64) }),
      answer: userList,
      handle: async ({ query }) => ok({ items: await directory.search(query.query) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/users/:id',
      summary: 'A user; one who is gone has no name',
      auth: 'device',
      limits: [looking],
      params: z.object({ id: idSchema }),
      answer: userSchema,
      handle: async ({ params }) => ok(await accounts.profile(params.id)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/me/blocks',
      summary: 'Whom I have blocked',
      auth: 'device',
      limits: [looking],
      answer: userList,
      handle: async ({ identity }) => ok({ items: await accounts.blocks(identity.user) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/me/blocks/:userId',
      summary: 'Block a user',
      auth: 'device',
      limits: [blocking],
      params: other,
      answer: userSchema,
      handle: async ({ identity, params }) => {
        const isNew = !(await directory.hasBlocked(identity.user, params.userId))
        await accounts.block(identity.user, params.userId)
        const user = await accounts.profile(params.userId)
        return isNew ? created(user) : ok(user)
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/me/blocks/:userId',
      summary: 'Unblock a user',
      auth: 'device',
      limits: [blocking],
      params: other,
      handle: async ({ identity, params }) => {
        await accounts.unblock(identity.user, params.userId)
        return noContent()
      },
    }),
  ]
}
