import {
  idSchema,
  mediaCompleteSchema,
  mediaCreatedSchema,
  mediaCreateSchema,
  mediaLinkSchema,
  mediaRestoringSchema,
  mediaSchema,
  mediaUsageSchema,
  type Upload,
  uploadSchema,
} from '@parley/protocol'
import { z } from 'zod'
import type { UploadPlan } from '../../media/blob-store.ts'
import type { Completion } from '../../media/completion.ts'
import type { Links } from '../../media/links.ts'
import type { Uploads } from '../../media/uploads.ts'
import { retryAfterSeconds } from './problem.ts'
import { type AnyRoute, created, defineRoute, noContent, ok, type RouteLimit } from './route.ts'

const announcing: RouteLimit = { name: 'media-upload', by: 'user', points: 600, seconds: 60 }
const completing: RouteLimit = { name: 'media-complete', by: 'user', points: 600, seconds: 60 }
const reading: RouteLimit = { name: 'media-read', by: 'user', points: 6000, seconds: 60 }

const linkAnswer = z.union([mediaLinkSchema, mediaRestoringSchema])
const one = z.object({ id: idSchema })
const variantQuery = z.object({ variant: z.enum(['original', 'preview', 'thumb', 'poster']).optional() })

export interface MediaServices {
  uploads: Uploads
  completion: Completion
  links: Links
  /** What this node is reached by, where that was said; else what the client reached it by. */
  publicUrl: string | undefined
}

/** Media: announced, uploaded, completed; read by URLs that are good for a while (rules M1–M4). */
export function mediaRoutes({ uploads, completion, links, publicUrl }: MediaServices): AnyRoute[] {
  const absolute = (base: string, path: string): string => new URL(path, publicUrl ?? base).href
  const uploadOf = (base: string, id: string, plan: UploadPlan): Upload => {
    if (plan.by === 'tus') {
      const url = absolute(base, links.uploadPath(id))
      const headers = {
        'tus-resumable': '1.0.0',
        'upload-offset': String(plan.offset),
        'content-type': 'application/offset+octet-stream',
      }
      return { method: 'PATCH', url, headers, offset: plan.offset }
    }
    const { method, headers, parts } = plan
    return { method, url: parts[0]?.url ?? '', headers, parts }
  }
  const pending = (wait: number) => ({
    status: 202 as const,
    body: { restoring: true as const, retryAfter: wait },
    headers: { 'retry-after': retryAfterSeconds(wait) },
  })
  return [
    defineRoute({
      method: 'POST',
      path: '/v1/media',
      summary: 'Announce media; the answer says where the bytes go',
      auth: 'device',
      limits: [announcing],
      body: mediaCreateSchema,
      answer: mediaCreatedSchema,
      handle: async ({ identity, body, base }) => {
        const { id, plan } = await uploads.announce(identity.user, body)
        return created({ id, upload: uploadOf(base, id, plan) })
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/media/:id/upload',
      summary: 'How an upload that broke goes on',
      auth: 'device',
      limits: [completing],
      params: one,
      answer: z.object({ upload: uploadSchema }),
      handle: async ({ identity, params, base }) =>
        ok({ upload: uploadOf(base, params.id, await uploads.plan(identity.user, params.id)) }),
    }),
    defineRoute({
      method: 'POST',
      path: '/v1/media/:id/complete',
      summary: 'All bytes are there: they are checked, and can be sent from now on',
      auth: 'device',
      limits: [completing],
      params: one,
      body: mediaCompleteSchema,
      answer: mediaSchema,
      handle: async ({ identity, params, body }) => ok(await completion.complete(identity.user, params.id, body)),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/v1/media/:id',
      summary: 'Take back what I uploaded and nothing refers to',
      auth: 'device',
      limits: [completing],
      params: one,
      handle: async ({ identity, params }) => {
        await uploads.cancel(identity.user, params.id)
        return noContent()
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/media/:id',
      summary: 'Redirects to a signed URL of the bytes; 202 while they are being restored',
      auth: 'device',
      limits: [reading],
      params: one,
      query: variantQuery,
      answer: linkAnswer,
      handle: async ({ identity, params, query }) => {
        const link = await links.link(identity.user, params.id, query.variant)
        if ('restoring' in link) return pending(link.restoring)
        return { status: 307, body: link, headers: { location: link.url } }
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/media/:id/url',
      summary: 'A signed URL of the bytes, for pages; 202 while they are being restored',
      auth: 'device',
      limits: [reading],
      params: one,
      query: variantQuery,
      answer: linkAnswer,
      handle: async ({ identity, params, query, base }) => {
        const link = await links.link(identity.user, params.id, query.variant)
        if ('restoring' in link) return pending(link.restoring)
        return ok({ url: absolute(base, link.url), expiresAt: link.expiresAt })
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/v1/me/media',
      summary: 'How much of my quota my media take',
      auth: 'device',
      limits: [reading],
      answer: mediaUsageSchema,
      handle: async ({ identity }) => ok(await uploads.usage(identity.user)),
    }),
  ]
}
