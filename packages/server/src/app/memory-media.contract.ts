import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Media, MediaId, Upload } from '@parley/protocol'
import { identityOf, password, phone } from '../accounts/service.contract.ts'
import { MemoryBlobStore } from '../adapters/memory/blob-store.ts'
import { MemoryMediaCatalogue } from '../adapters/memory/media-catalogue.ts'
import { MemoryMediaObjects } from '../adapters/memory/media-objects.ts'
import { MemoryMediaReferences } from '../adapters/memory/media-references.ts'
import { MemoryMediaRows } from '../adapters/memory/media-rows.ts'
import { AppError } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import type { Appended } from '../log/operation.ts'
import { keyOf } from '../media/blob-store.contract.ts'
import type { ImageProcessor } from '../media/image-processor.ts'
import type { TierPolicy } from '../media/tiering.ts'
import { openMemoryNode } from './memory-node.contract.ts'

/** Nothing is an image here. */
const noImages: ImageProcessor = {
  types: new Set(),
  process: () => Promise.reject(new Error('no image can be processed')),
}

/** A node with media in memory. `log`: what its appends go through. */
export async function openMediaNode(log?: (log: ConversationLog) => ConversationLog, tiers?: TierPolicy) {
  const scratch = await mkdtemp(join(tmpdir(), 'parley-scratch-'))
  const rows = new MemoryMediaRows()
  const blobs = new MemoryBlobStore()
  const media = {
    catalogue: new MemoryMediaCatalogue(rows),
    references: new MemoryMediaReferences(rows),
    objects: new MemoryMediaObjects(rows),
    blobs,
    images: noImages,
    uploads: undefined,
    scratch,
  }
  const node = await openMemoryNode({ tiers, ports: (ports) => ({ media, ...(log && { log: log(ports.log) }) }) })
  const { dispatcher, accounts } = node
  const services = node.media
  if (!services) throw new Error('the node has no media')

  const person = async (username: string) => {
    const made = await accounts.register({ username, password, device: phone })
    const identity = identityOf(made)
    const call = async <Answer>(
      method: string,
      path: string,
      more: { params?: object; query?: object; body?: object },
    ) => {
      const route = [...node.routes, ...node.mediaRoutes].find((one) => one.method === method && one.path === path)
      if (!route) throw new Error(`no route ${method} ${path}`)
      const { signal } = new AbortController()
      const raw = { params: {}, query: {}, body: undefined, address: '192.0.2.1', signal, base: 'http://node.test' }
      const answer = await dispatcher.dispatch(route, { ...raw, ...more, authorization: `Bearer ${made.token}` })
      return answer as { status: number; body: Answer; headers?: Record<string, string> }
    }
    const announce = async (bytes: Uint8Array, type = 'text/plain') => {
      const body = { size: bytes.length, type, sha256: keyOf(bytes) }
      return (await call<{ id: MediaId; upload: Upload }>('POST', '/v1/media', { body })).body
    }
    const upload = async (text: string): Promise<Media> => {
      const bytes = new TextEncoder().encode(text)
      const { id } = await announce(bytes)
      await blobs.append(id, 0, bytes)
      return (await call<Media>('POST', '/v1/media/:id/complete', { params: { id }, body: {} })).body
    }
    const send = (conversation: string, clientMessageId: string, media: string, caption?: string) => {
      const content = { media: { id: media, ...(caption !== undefined && { caption }) } }
      const params = { conversation }
      const body = { clientMessageId, content }
      return call<Appended>('POST', '/v1/conversations/:conversation/messages', { params, body })
    }
    const read = async (id: MediaId): Promise<string> => {
      try {
        return `${(await call('GET', '/v1/media/:id', { params: { id } })).status}`
      } catch (error) {
        if (error instanceof AppError) return error.code
        throw error
      }
    }
    return { user: made.user.id, identity, call, announce, upload, send, read }
  }

  return { ...node, media, services, rows, person, close: () => rm(scratch, { recursive: true, force: true }) }
}

export type MediaPerson = Awaited<ReturnType<Awaited<ReturnType<typeof openMediaNode>>['person']>>
