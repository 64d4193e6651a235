import {
  adminDeviceSchema,
  adminUserPageSchema,
  adminUserSchema,
  auditPageSchema,
  claimBodySchema,
  idSchema,
  overviewSchema,
  suspensionBodySchema,
} from '@parley/protocol'
import { z } from 'zod'
import type { Operators } from '../../operators/operators.ts'
import type { ServiceOverview } from '../../operators/overview.ts'
import { adminUserOf, type UserAdministration } from '../../operators/user-administration.ts'
import { type AnyRoute, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const claiming: readonly RouteLimit[] = [
  { name: 'operator-claim-address', by: 'address', points: 20, seconds: 600 },
  { name: 'operator-claim', by: 'user', points: 10, seconds: 600 },
]
const reading: RouteLimit = { name: 'operator-read', by: 'user', points: 600, seconds: 60 }
const acting: RouteLimit = { name: 'operator-act', by: 'user', points: 120, seconds: 60 }

const one = z.object({ id: idSchema })
const page = {
  cursor: z.string().max(128).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
}

/** For operators (docs/spec/operators.md). Who may is decided by the services. */
export function adminRoutes(services: {
  operators: Operators
  overview: ServiceOverview
  users: UserAdministration
}): AnyRoute[] {
  const { operators, overview, users } = services
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/admin/claim',
      summary: 'Become the first operator, with the link that the server printed',
      auth: 'device',
      limits: claiming,
      body: claimBodySchema,
      answer: adminUserSchema,
      handle: async ({ identity, body }) => ok(adminUserOf(await operators.claim(identity, body.token))),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/admin/overview',
      summary: 'Nodes, sessions, traffic, storage',
      auth: 'device',
      limits: [reading],
      answer: overviewSchema,
      handle: async ({ identity }) => ok(await overview.look(identity)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/admin/audit',
      summary: 'What operators did, the newest first',
      auth: 'device',
      limits: [reading],
      query: z.object(page),
      answer: auditPageSchema,
      handle: async ({ identity, query }) => ok(await operators.audit(identity, query.cursor, query.limit)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/admin/users',
      summary: 'Users by the beginning of their username',
      auth: 'device',
      limits: [reading],
      query: z.object({ query: z.string().max(64).default(''), ...page }),
      answer: adminUserPageSchema,
      handle: async ({ identity, query }) => ok(await users.list(identity, query.query, query.cursor, query.limit)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/admin/users/:id',
      summary: 'A user',
      auth: 'device',
      limits: [reading],
      params: one,
      answer: adminUserSchema,
      handle: async ({ identity, params }) => ok(await users.get(identity, params.id)),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/admin/users/:id',
      summary: "Delete a user's account",
      auth: 'device',
      limits: [acting],
      params: one,
      handle: async ({ identity, params }) => {
        await users.remove(identity, params.id)
        return noContent()
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/admin/users/:id/devices',
      summary: 'The devices of a user, and where they are connected',
      auth: 'device',
      limits: [reading],
      params: one,
      answer: z.object({ items: z.array(adminDeviceSchema) }),
      handle: async ({ identity, params }) => ok({ items: await users.devices(identity, params.id) }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/admin/users/:id/devices',
      summary: 'Log all devices of a user out',
      auth: 'device',
      limits: [acting],
      params: one,
      handle: async ({ identity, params }) => {
        await users.logOut(identity, params.id, undefined)
        return noContent()
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/admin/users/:id/devices/:device',
      summary: 'Log one device of a user out',
      auth: 'device',
      limits: [acting],
      params: one.extend({ device: idSchema }),
      handle: async ({ identity, params }) => {
        await users.logOut(identity, params.id, params.device)
        return noContent()
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/admin/users/:id/suspension',
      summary: 'Suspend a user',
      auth: 'device',
      limits: [acting],
      params: one,
      body: suspensionBodySchema,
      answer: adminUserSchema,
      handle: async ({ identity, params, body }) => ok(await users.suspend(identity, params.id, body.reason)),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/admin/users/:id/suspension',
      summary: 'Let a user in again',
      auth: 'device',
      limits: [acting],
      params: one,
      handle: async ({ identity, params }) => {
        await users.unsuspend(identity, params.id)
        return noContent()
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/admin/users/:id/password',
      summary: 'Give a user a new password, told once; all devices are logged out',
      auth: 'device',
      limits: [acting],
      params: one,
      answer: z.object({ password: z.string() }),
      handle: async ({ identity, params }) => ok({ password: await users.resetPassword(identity, params.id) }),
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/admin/users/:id/operator',
      summary: 'Make a user an operator',
      auth: 'device',
      limits: [acting],
      params: one,
      answer: adminUserSchema,
      handle: async ({ identity, params }) => ok(adminUserOf(await operators.grant(identity, params.id))),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/admin/users/:id/operator',
      summary: 'A user is an operator no more; not the last one',
      auth: 'device',
      limits: [acting],
      params: one,
      handle: async ({ identity, params }) => {
        await operators.revoke(identity, params.id)
        return noContent()
      },
    }),
  ]
}
