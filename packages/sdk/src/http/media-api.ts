import type { Media, MediaId, MediaLink, MediaUsage, Upload } from '@parley/protocol'
import type { Clock, Fetch, Random } from '../lib/environment.ts'
import { ParleyError } from '../lib/errors.ts'
import { wait } from '../lib/wait.ts'
import { sourceOf, type UploadSource } from '../media/upload-source.ts'
import { type UploadOptions, UploadTask } from '../media/upload-task.ts'
import type { CallOptions } from './api.ts'
import type { Http } from './http.ts'

/** What only the client can tell of video and sound. */
export interface MediaDetails {
  /** Of a video. */
  width?: number
  height?: number
  /** Seconds. */
  duration?: number
  /** Loudness over time, at most 256 numbers, for voice messages. */
  waveform?: number[]
  /** An image that was uploaded to stand for a video. */
  poster?: MediaId
}

export type Variant = 'original' | 'preview' | 'thumb' | 'poster'

/** The steps of an upload. */
export type MediaCalls = Pick<MediaApi, 'create' | 'plan' | 'complete'>

const one = (id: MediaId): string => `/v1/media/${encodeURIComponent(id)}`

/** Media: announced, uploaded, completed; read through URLs that live for a short time (rules M1–M4). */
export class MediaApi {
  readonly #http
  readonly #deps

  constructor(http: Http, deps: { fetch: Fetch; clock: Clock; random: Random }) {
    this.#http = http
    this.#deps = deps
  }

  /**
   * Uploads bytes to the end, whatever breaks in between; the task can be paused, resumed and cancelled. What `done`
   * gives is sent as `{ media: { id } }`.
   */
  startUpload(bytes: Blob | Uint8Array | UploadSource, options: UploadOptions = {}): UploadTask {
    const ofFile = bytes instanceof Blob ? { type: bytes.type || undefined, name: nameOf(bytes) } : {}
    const { type = ofFile.type, name = ofFile.name, ...rest } = options
    const told = { ...rest, ...(type !== undefined && { type }), ...(name !== undefined && { name }) }
    return new UploadTask({ calls: this, ...this.#deps }, sourceOf(bytes), told)
  }

  /** As `startUpload`, for who only waits for the end. */
  upload(bytes: Blob | Uint8Array | UploadSource, options: UploadOptions = {}): Promise<Media> {
    return this.startUpload(bytes, options).done
  }

  /** `sha256`: of the bytes, in hex. */
  create(
    body: { size: number; type: string; sha256: string; name?: string },
    { signal }: CallOptions = {},
  ): Promise<{ id: MediaId; upload: Upload }> {
    return this.#http.call({ method: 'POST', path: '/v1/media', body, signal })
  }

  /** How an upload goes on; undefined: all of it is there, and was completed. */
  async plan(id: MediaId, { signal }: CallOptions = {}): Promise<Upload | undefined> {
    try {
      const path = `${one(id)}/upload`
      return (await this.#http.call<{ upload: Upload }>({ method: 'GET', path, signal })).upload
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'conflict') return undefined
      throw error
    }
  }

  /** All bytes are there: they are checked and can be sent from now on. */
  complete(id: MediaId, details: MediaDetails = {}, { signal }: CallOptions = {}): Promise<Media> {
    const { width, height, duration, waveform, poster } = details
    const body = { width, height, duration, waveform, poster }
    // Large images take the server some seconds.
    return this.#http.call({ method: 'POST', path: `${one(id)}/complete`, body, signal, timeout: 60_000 })
  }

  /** Takes back what was uploaded and is in no message. */
  cancel(id: MediaId, { signal }: CallOptions = {}): Promise<void> {
    return this.#http.call({ method: 'DELETE', path: one(id), signal })
  }

  /** Where a page may read it for a while. Waits for what the server has put away (rule M4). */
  async url(id: MediaId, variant?: Variant, { signal }: CallOptions = {}): Promise<MediaLink> {
    for (;;) {
      const call = { method: 'GET', path: `${one(id)}/url`, query: { variant }, signal } as const
      const answer = await this.#http.call<MediaLink | { restoring: true; retryAfter: number }>(call)
      if (!('restoring' in answer)) return answer
      await wait(this.#deps.clock, answer.retryAfter, signal)
    }
  }

  /** Its bytes. */
  async download(id: MediaId, variant?: Variant, { signal }: CallOptions = {}): Promise<Uint8Array> {
    const { url } = await this.url(id, variant, { signal })
    const answer = await this.#deps.fetch(url, { method: 'GET', headers: {}, ...(signal && { signal }) })
    if (answer.status !== 200 || !answer.arrayBuffer) {
      throw new ParleyError('unavailable', `The server answered ${answer.status}.`)
    }
    return new Uint8Array(await answer.arrayBuffer())
  }

  /** How much of my quota my media take. */
  usage({ signal }: CallOptions = {}): Promise<MediaUsage> {
    return this.#http.call({ method: 'GET', path: '/v1/me/media', signal })
  }
}

const nameOf = (blob: Blob): string | undefined =>
  'name' in blob && typeof blob.name === 'string' ? blob.name : undefined
