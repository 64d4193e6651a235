import {
  amendAnswerSchema,
  editBodySchema,
  entryPageSchema,
  idSchema,
  messagePageSchema,
  messageSchema,
  reactBodySchema,
  readBodySchema,
  receiptListSchema,
  sendAnswerSchema,
  sendBodySchema,
  seqSchema,
} from '@parley/protocol'
import { z } from 'zod'
import { AppError } from '../../lib/errors.ts'
import type { Appended } from '../../log/operation.ts'
import type { Amender } from '../../messages/amending.ts'
import type { History } from '../../messages/history.ts'
import type { ReadService } from '../../messages/read-service.ts'
import type { ReceiptDetails } from '../../messages/receipt-details.ts'
import type { Search } from '../../messages/search.ts'
import type { Sender } from '../../messages/sender.ts'
import { amendRules, readRules, sendRules } from '../rate-limits.ts'
import { type AnyRoute, created, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const paging: RouteLimit = { name: 'history', by: 'user', points: 1200, seconds: 60 }
const searching: RouteLimit = { name: 'search', by: 'user', points: 120, seconds: 60 }

const conversation = z.object({ conversation: idSchema })
const message = z.object({ conversation: idSchema, seq: z.coerce.number().pipe(seqSchema) })
const bound = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional()

export function messageRoutes(services: {
  sending: Sender
  amending: Amender
  history: History
  reads: ReadService
  receipts: ReceiptDetails
  search: Search
}): AnyRoute[] {
  const { sending, amending, history, reads, receipts, search } = services
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/conversations/:conversation/messages',
      summary: 'Messages by seq, with edits, deletions and reactions applied; the newest when no bound is given',
      auth: 'device',
      limits: [paging],
      params: conversation,
      query: z.object({ before: bound, after: bound, limit: z.coerce.number().int().min(1).max(200).default(50) }),
      answer: messagePageSchema,
      handle: async ({ identity, params, query }) => ok(await history.page(identity, params.conversation, query)),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/conversations/:conversation/entries',
      summary: 'Every entry of the log behind a seq, for filling a hole',
      auth: 'device',
      limits: [paging],
      params: conversation,
      query: z.object({
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(500).default(200),
      }),
      answer: entryPageSchema,
      handle: async ({ identity, params, query }) =>
        ok(await history.entries(identity, params.conversation, query.after, query.limit)),
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/conversations/:conversation/messages',
      summary: 'Send a message',
      auth: 'device',
      limits: sendRules,
      params: conversation,
      body: sendBodySchema,
      answer: sendAnswerSchema,
      handle: async ({ identity, params, body }) => {
        const outcome = await new Promise<Appended>((resolve, reject) => {
          sending.send(identity, { conversation: params.conversation, ...body }, (result) =>
            result instanceof AppError ? reject(result) : resolve(result),
          )
        })
        const { seq, id, at, duplicate } = outcome
        const answer = { conversation: params.conversation, seq, id, sentAt: at }
        return duplicate ? ok({ ...answer, duplicate: true as const }) : created(answer)
      },
    }),
    defineRoute({
      method: 'PATCH',
      path: '/v1/conversations/:conversation/messages/:seq',
      summary: 'Edit my message',
      auth: 'device',
      limits: amendRules,
      params: message,
      body: editBodySchema,
      answer: amendAnswerSchema,
      handle: async ({ identity, params, body }) => ok(await amending.edit(identity, { ...params, ...body })),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/conversations/:conversation/messages/:seq',
      summary: 'Delete a message for everyone, or for me',
      auth: 'device',
      limits: amendRules,
      params: message,
      query: z.object({ for: z.enum(['everyone', 'me']).default('everyone') }),
      handle: async ({ identity, params, query }) => {
        if (query.for === 'everyone') await amending.deleteForEveryone(identity, params)
        else await amending.deleteForMe(identity, params)
        return noContent()
      },
    }),
    defineRoute({
      method: 'PUT',
      path: '/v1/conversations/:conversation/messages/:seq/reaction',
      summary: 'React to a message; null takes my reaction away',
      auth: 'device',
      limits: amendRules,
      params: message,
      body: reactBodySchema,
      answer: amendAnswerSchema,
      handle: async ({ identity, params, body }) => ok(await amending.react(identity, { ...params, ...body })),
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/conversations/:conversation/messages/:seq/receipts',
      summary: 'When each member had my message, and saw it',
      auth: 'device',
      limits: [paging],
      params: message,
      answer: receiptListSchema,
      handle: async ({ identity, params }) =>
        ok({ items: await receipts.of(identity, params.conversation, params.seq) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/conversations/:conversation/read',
      summary: 'I have read up to this seq',
      auth: 'device',
      limits: readRules,
      params: conversation,
      body: readBodySchema,
      handle: async ({ identity, params, body }) => {
        await reads.read(identity, params.conversation, body.seq)
        return noContent()
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/search',
      summary: 'Messages of my conversations that hold these words',
      auth: 'device',
      limits: [searching],
      query: z.object({
        query: z.string().min(1).max(256),
        conversation: idSchema.optional(),
        limit: z.coerce.number().int().min(1).max(100).default(50),
      }),
      answer: z.object({ items: z.array(messageSchema) }),
      handle: async ({ identity, query }) => ok({ items: await search.find(identity, query) }),
    }),
  ]
}
