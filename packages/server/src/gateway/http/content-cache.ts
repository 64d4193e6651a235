import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../lib/clock.ts'

export const contentPath = '/v1/content/'
const keyLength = 64
/** Bytes of objects that are kept, and of the largest of them. */
const capacity = 32 * 1024 * 1024
export const largestKept = 256 * 1024

interface Kept {
  bytes: Buffer
  /** By URL: until when it is good, and what is answered with the bytes. */
  links: Map<string, { expiresAt: number; headers: string[] }>
}

/**
 * Small objects that are read again and again, as pictures of a busy conversation are, with the URLs that lead to them:
 * their signatures were checked, and nothing else is looked up. Requests for parts, and of pages of other origins, go
 * the usual way.
 */
export class ContentCache {
  readonly #clock
  /** By key, the one used last at the end. */
  readonly #kept = new Map<string, Kept>()
  #size = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Answers when it can. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = '', method, headers } = request
    if (method !== 'GET' || !url.startsWith(contentPath)) return false
    const key = url.slice(contentPath.length, contentPath.length + keyLength)
    const kept = this.#kept.get(key)
    const link = kept?.links.get(url)
    if (!kept || !link || link.expiresAt <= this.#clock.now()) return false
    if (headers.origin !== undefined || headers.range !== undefined || headers['if-none-match'] !== undefined)
      return false
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    response.writeHead(200, link.headers)
    response.end(kept.bytes)
    return true
  }

  keep(key: string, url: string, link: { bytes: Buffer; expiresAt: number; headers: Record<string, string> }): void {
    if (key.length !== keyLength || link.bytes.length > largestKept) return
    const known = this.#kept.get(key)
    const kept: Kept = known ?? { bytes: link.bytes, links: new Map() }
    if (!known) this.#size += kept.bytes.length
    const now = this.#clock.now()
    for (const [other, { expiresAt }] of kept.links) if (expiresAt <= now) kept.links.delete(other)
    kept.links.set(url, { expiresAt: link.expiresAt, headers: Object.entries(link.headers).flat() })
    this.#kept.set(key, kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#size <= capacity) break
      this.drop(oldest)
    }
  }

  /** Its bytes are gone. */
  drop(key: string): void {
    this.#size -= this.#kept.get(key)?.bytes.length ?? 0
    this.#kept.delete(key)
  }
}
