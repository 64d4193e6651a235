import type { Limits } from '@parley/protocol'
import { z } from 'zod'
import { frameRules } from '../rate-limits.ts'
import { type AnyRoute, defineRoute, ok } from './route.ts'

/** `GET /v1/server`: what this server is and has, with every limit and its numbers (rule C5). */
export function serverRoute(info: {
  version: string
  features: readonly string[]
  rateLimited: boolean
  limits: Limits
  routes: readonly AnyRoute[]
  /** For push subscriptions of browsers (RFC 8292), base64url. */
  vapidPublicKey: string
}): AnyRoute {
  const rules = [...info.routes.flatMap((route) => route.limits), ...Object.values(frameRules).flat()]
  const told = new Map(rules.map(({ name, by, points, seconds }) => [name, { name, by, points, seconds }]))
  const answer = {
    name: 'Parley',
    version: info.version,
    features: [...info.features],
    vapidPublicKey: info.vapidPublicKey,
    rateLimits: info.rateLimited ? [...told.values()] : [],
  }
  return defineRoute({
    method: 'GET',
    path: '/v1/server',
    summary: 'What this server is and has',
    auth: 'none',
    limits: [],
    answer: z.object({
      name: z.string(),
      version: z.string(),
      features: z.array(z.string()),
      limits: z.record(z.string(), z.number()),
      vapidPublicKey: z.string(),
      rateLimits: z.array(z.object({ name: z.string(), by: z.string(), points: z.number(), seconds: z.number() })),
    }),
    handle: async () => ok({ ...answer, limits: { ...info.limits } }),
  })
}
