import {
  clearBodySchema,
  conversationSchema,
  idSchema,
  messageSchema,
  seqSchema,
  starredPageSchema,
} from '@parley/protocol'
import { z } from 'zod'
import type { Clearing } from '../../messages/clearing.ts'
import type { Pinner } from '../../messages/pinning.ts'
import type { Stars } from '../../messages/stars.ts'
import { amendRules, readRules } from '../rate-limits.ts'
import { type AnyRoute, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const listing: RouteLimit = { name: 'starred', by: 'user', points: 120, seconds: 60 }

const one = z.object({ conversation: idSchema })
const message = z.object({ conversation: idSchema, seq: z.coerce.number().pipe(seqSchema) })

/** Stars, pins, and emptying a conversation (rules F1–F7). */
export function keptRoutes({
  stars,
  pinning,
  clearing,
}: {
  stars: Stars
  pinning: Pinner
  clearing: Clearing
}): AnyRoute[] {
  return [
    defineRoute({
      method: 'PUT',
      path: '/v1/conversations/:conversation/messages/:seq/star',
      summary: 'Star a message for myself',
      auth: 'device',
      limits: amendRules,
      params: message,
      answer: messageSchema,
      handle: async ({ identity, params }) => ok(await stars.star(identity, params.conversation, params.seq)),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/conversations/:conversation/messages/:seq/star',
      summary: 'Take my star away',
      auth: 'device',
      limits: amendRules,
      params: message,
      handle: async ({ identity, params }) => {
        await stars.unstar(identity, params.conversation, params.seq)
        return noContent()
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/me/starred',
      summary: 'Messages that I starred, the newest star first',
      auth: 'device',
      limits: [listing],
      query: z.object({
        cursor: z.string().max(128).optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      answer: starredPageSchema,
      handle: async ({ identity, query }) => ok(await stars.page(identity, query.cursor, query.limit)),
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/conversations/:conversation/pins/:seq',
      summary: 'Pin a message for everybody; of more than three the oldest pin goes',
      auth: 'device',
      limits: amendRules,
      params: message,
      answer: conversationSchema,
      handle: async ({ identity, params }) => ok(await pinning.pin(identity, params.conversation, params.seq)),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/conversations/:conversation/pins/:seq',
      summary: 'Take a pin away',
      auth: 'device',
      limits: amendRules,
      params: message,
      handle: async ({ identity, params }) => {
        await pinning.unpin(identity, params.conversation, params.seq)
        return noContent()
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/conversations/:conversation/clear',
      summary: 'Empty the conversation for myself, up to this seq',
      auth: 'device',
      limits: readRules,
      params: one,
      body: clearBodySchema,
      handle: async ({ identity, params, body }) => {
        await clearing.clear(identity, params.conversation, body.upTo)
        return noContent()
      },
    }),
  ]
}
