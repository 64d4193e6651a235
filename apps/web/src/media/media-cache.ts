import type { Variant } from '@parley/client'
import type { MediaId } from '@parley/protocol'
import type { Calls } from '../client/calls.ts'

const name = 'parley.media'
const limitKey = 'parley.media.limit'
const defaultLimit = 500 * 1024 * 1024
/** Headers of what is kept. */
const sizeHeader = 'x-size'
const usedHeader = 'x-used'

const addressOf = (id: MediaId, variant: Variant): string => `/kept/media/${encodeURIComponent(id)}?variant=${variant}`

/** Bytes that media may take in this browser. */
export function mediaLimit(): number {
  const stored = Number(localStorage.getItem(limitKey))
  return stored > 0 ? stored : defaultLimit
}

export function setMediaLimit(bytes: number): void {
  localStorage.setItem(limitKey, String(bytes))
}

/** Media that were opened, kept for being without a network; those unused longest go first. */
export async function keptMedia(calls: Calls, id: MediaId, variant: Variant, signal: AbortSignal): Promise<Blob> {
  const cache = await caches.open(name)
  const address = addressOf(id, variant)
  const kept = await cache.match(address)
  if (kept) return kept.blob()
  const { url } = await calls.media.url(id, variant, { signal })
  const answer = await fetch(url, { signal })
  if (!answer.ok) throw new Error(`The media were answered ${answer.status}.`)
  const blob = await answer.blob()
  const headers = { 'content-type': blob.type, [sizeHeader]: String(blob.size), [usedHeader]: String(Date.now()) }
  await cache.put(address, new Response(blob, { headers })).catch(() => {})
  void makeRoom(cache)
  return blob
}

/** Bytes that are kept. */
export async function keptBytes(): Promise<number> {
  return (await entries(await caches.open(name))).reduce((sum, { size }) => sum + size, 0)
}

export async function forgetMedia(): Promise<void> {
  await caches.delete(name)
}

async function makeRoom(cache: Cache): Promise<void> {
  const all = (await entries(cache)).sort((a, b) => a.used - b.used)
  let over = all.reduce((sum, { size }) => sum + size, 0) - mediaLimit()
  for (const { request, size } of all) {
    if (over <= 0) return
    await cache.delete(request)
    over -= size
  }
}

async function entries(cache: Cache): Promise<{ request: Request; size: number; used: number }[]> {
  const requests = await cache.keys()
  return Promise.all(
    requests.map(async (request) => {
      const headers = (await cache.match(request))?.headers
      return { request, size: Number(headers?.get(sizeHeader) ?? 0), used: Number(headers?.get(usedHeader) ?? 0) }
    }),
  )
}
