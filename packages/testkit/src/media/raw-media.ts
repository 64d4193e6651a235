import { createHash } from 'node:crypto'
import type { Media, MediaId, Upload } from '@parley/protocol'
import type { RawApi } from '../raw-api.ts'

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

interface Told {
  type?: string
  name?: string
  /** What is told at the end. */
  complete?: object
}

export function announce(
  api: RawApi,
  bytes: Uint8Array,
  { type = 'application/octet-stream', name }: Told = {},
): Promise<{ id: MediaId; upload: Upload }> {
  return api.call('POST', '/v1/media', { size: bytes.length, type, sha256: sha256(bytes), name })
}

/** Sends bytes as rule M1 says, those before `from` aside. */
export async function sendBytes({ method, url, headers, parts }: Upload, bytes: Uint8Array, from = 0): Promise<void> {
  if (parts) {
    for (const part of parts) {
      if (part.stored || part.from < from) continue
      const body = Buffer.from(bytes.subarray(part.from, part.from + part.size))
      const answer = await fetch(part.url, { method, headers, body })
      if (!answer.ok) throw new Error(`part ${part.number} was answered ${answer.status}`)
    }
    return
  }
  const at = { ...headers, 'upload-offset': String(from) }
  const answer = await fetch(url, { method, headers: at, body: Buffer.from(bytes.subarray(from)) })
  if (answer.status !== 204) throw new Error(`the upload was answered ${answer.status} ${await answer.text()}`)
}

/** Announced, sent and completed. */
export async function uploadMedia(api: RawApi, bytes: Uint8Array, told: Told = {}): Promise<Media> {
  const { id, upload } = await announce(api, bytes, told)
  await sendBytes(upload, bytes)
  return api.call('POST', `/v1/media/${id}/complete`, told.complete ?? {})
}

/** What a redirect of `GET /v1/media/{id}` leads to. */
export async function download(
  api: RawApi,
  id: MediaId,
  { variant, headers = {} }: { variant?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; headers: Headers; bytes: Uint8Array; origin: string }> {
  const query = variant === undefined ? '' : `?variant=${variant}`
  const first = await api.request('GET', `/v1/media/${id}${query}`)
  if (first.status !== 307) return { status: first.status, headers: first.headers, bytes: new Uint8Array(), origin: '' }
  const url = new URL(first.headers.get('location') ?? '', api.url)
  const answer = await fetch(url, { headers })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  return { status: answer.status, headers: answer.headers, bytes, origin: url.origin }
}
