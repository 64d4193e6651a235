import type { Media, MediaId } from '@parley/protocol'
import type { CallOptions } from './api.ts'
import type { Http } from './http.ts'

/** How the bytes are sent: by tus, or in parts to URLs that were signed for it (rule M1). */
export interface Upload {
  method: string
  url: string
  headers?: Record<string, string>
  parts?: unknown
}

const one = (id: MediaId): string => `/v1/media/${encodeURIComponent(id)}`

/** Media: announced, uploaded, completed; read through URLs that live for a short time (rules M1–M4). */
export class MediaApi {
  readonly #http

  constructor(http: Http) {
    this.#http = http
  }

  /** `sha256`: of the bytes, in hex. */
  create(
    body: { size: number; type: string; sha256: string; name?: string },
    { signal }: CallOptions = {},
  ): Promise<{ id: MediaId; upload: Upload }> {
    return this.#http.call({ method: 'POST', path: '/v1/media', body, signal })
  }

  /** All bytes are there: they are checked and can be sent from now on. */
  complete(id: MediaId, { signal }: CallOptions = {}): Promise<Media> {
    return this.#http.call({ method: 'POST', path: `${one(id)}/complete`, body: {}, signal })
  }

  /** Where a page may read it for a while. `variant`: such as a thumbnail. */
  url(id: MediaId, variant?: string, { signal }: CallOptions = {}): Promise<{ url: string; expiresAt: number }> {
    return this.#http.call({ method: 'GET', path: `${one(id)}/url`, query: { variant }, signal })
  }
}
