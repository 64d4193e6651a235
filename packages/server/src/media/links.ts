import { createHmac, timingSafeEqual } from 'node:crypto'
import type { UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { notFound } from '../lib/errors.ts'
import type { MediaAccess } from './access.ts'
import type { BlobStore } from './blob-store.ts'
import { dispositionOf } from './disposition.ts'
import type { MediaReads } from './media-reads.ts'
import { isSafe } from './type-of-bytes.ts'

/** Milliseconds that a URL is good for at least; it stays the same for as long, so that browsers need not load twice. */
const linkTime = 5 * 60_000
/** Milliseconds that a URL to upload to is good for. */
const uploadTime = 24 * 3_600_000

export type Link = { url: string; expiresAt: number } | { restoring: number }

/** URLs that whoever has them may read by, or upload to, for a while: signed, and without any token (rules K5, M3). */
export class Links {
  readonly #access
  readonly #blobs
  readonly #reads
  readonly #clock
  readonly #key

  constructor(deps: { access: MediaAccess; blobs: BlobStore; reads: MediaReads; clock: Clock; key: Uint8Array }) {
    this.#access = deps.access
    this.#blobs = deps.blobs
    this.#reads = deps.reads
    this.#clock = deps.clock
    this.#key = deps.key
  }

  /** Where the user reads it. Relative to this node unless the store has its own. @throws not_found (rule C4) */
  async link(user: UserId, id: string, variant = 'original'): Promise<Link> {
    const media = await this.#access.readable(user, id)
    const found = media.facts.variants[variant]
    if (!found) throw notFound('variant')
    const { key, type, size } = found
    const restored = await this.#reads.read(key)
    if (restored.state === 'restoring') return { restoring: restored.wait }
    const expiresAt = (Math.floor(this.#clock.now() / linkTime) + 2) * linkTime
    const told = isSafe(type) ? type : 'application/octet-stream'
    const name = variant === 'original' ? media.name : undefined
    const disposition = dispositionOf(isSafe(type), name)
    const own = await this.#blobs.link(key, { type: told, disposition }, expiresAt)
    return {
      url: own ?? this.#signed(`/v1/content/${key}`, { type: told, disposition, size: String(size) }, expiresAt),
      expiresAt,
    }
  }

  /** Where the bytes of an upload go. */
  uploadPath(id: string): string {
    return this.#signed(`/v1/uploads/${id}`, {}, this.#clock.now() + uploadTime)
  }

  /** What a URL of this node allows; undefined when it is not signed, or not any more. `target`: path and query. */
  verify(target: string): URLSearchParams | undefined {
    const cut = target.lastIndexOf('&signature=')
    const signed = target.slice(0, cut)
    if (cut < 0 || !equal(target.slice(cut + '&signature='.length), this.#sign(signed))) return undefined
    const query = new URLSearchParams(signed.slice(signed.indexOf('?') + 1))
    return Number(query.get('expires')) > this.#clock.now() ? query : undefined
  }

  #signed(path: string, query: Record<string, string>, expiresAt: number): string {
    const signed = `${path}?${new URLSearchParams({ ...query, expires: String(expiresAt) })}`
    return `${signed}&signature=${this.#sign(signed)}`
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}

function equal(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
