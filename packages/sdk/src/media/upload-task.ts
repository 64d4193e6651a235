import type { Media, MediaId } from '@parley/protocol'
import type { MediaCalls, MediaDetails } from '../http/media-api.ts'
import { backOff } from '../lib/back-off.ts'
import type { Clock, Fetch, Random } from '../lib/environment.ts'
import { isTransient, ParleyError } from '../lib/errors.ts'
import { wait } from '../lib/wait.ts'
import { sendBytes } from './sending-bytes.ts'
import { sha256Of, type UploadSource } from './upload-source.ts'

export interface UploadOptions extends MediaDetails {
  /** A type such as `image/png`; the server looks at the bytes itself. */
  type?: string
  /** File name. */
  name?: string
  signal?: AbortSignal
  /** Bytes that the server has, of so many. */
  onProgress?: (sent: number, total: number) => void
  /** Told once the server knows of it: by this id the upload goes on after a restart (`id`). */
  onAnnounced?: (id: MediaId) => void
  /** An upload that was announced before. */
  id?: MediaId
}

/** An upload under way. It goes on by itself after every break until it is done, refused or cancelled. */
export class UploadTask {
  /** The media, to be sent in a message. Rejects with `ParleyError`, or the reason it was cancelled for. */
  readonly done: Promise<Media>
  readonly #deps
  readonly #source
  readonly #options
  readonly #cancelled = new AbortController()
  #paused: { resumed: Promise<void>; resume: () => void } | undefined
  #step = new AbortController()
  /** Breaks since it last got on. */
  #failures = 0
  #most = 0

  constructor(
    deps: { calls: MediaCalls; fetch: Fetch; clock: Clock; random: Random },
    source: UploadSource,
    options: UploadOptions,
  ) {
    this.#deps = deps
    this.#source = source
    this.#options = options
    const { signal } = options
    if (signal?.aborted) this.#cancelled.abort(signal.reason)
    const abort = (): void => this.#cancelled.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    this.done = this.#run().finally(() => signal?.removeEventListener('abort', abort))
  }

  /** Nothing is sent until `resume`. */
  pause(): void {
    if (this.#paused) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#paused = { resumed: promise, resume: resolve }
    this.#step.abort(pausing)
  }

  resume(): void {
    this.#paused?.resume()
    this.#paused = undefined
  }

  get paused(): boolean {
    return this.#paused !== undefined
  }

  cancel(reason: unknown = new DOMException('The upload was cancelled.', 'AbortError')): void {
    this.#cancelled.abort(reason)
    this.resume()
  }

  async #run(): Promise<Media> {
    const { calls, random, clock } = this.#deps
    const { type = 'application/octet-stream', name, onAnnounced } = this.#options
    const { signal } = this.#cancelled
    let id = this.#options.id
    let sha256: string | undefined
    let wrong = 0
    for (;;) {
      await this.#paused?.resumed
      signal.throwIfAborted()
      this.#step = new AbortController()
      const step = AbortSignal.any([signal, this.#step.signal])
      try {
        if (id === undefined) {
          sha256 ??= await sha256Of(this.#source, step)
          const body = { size: this.#source.size, type, sha256, ...(name !== undefined && { name }) }
          const created = await calls.create(body, { signal: step })
          id = created.id
          onAnnounced?.(id)
          await this.#send(created.upload, step)
        } else {
          const upload = await calls.plan(id, { signal: step })
          if (upload) await this.#send(upload, step)
        }
        return await calls.complete(id, this.#options, { signal: step })
      } catch (error) {
        signal.throwIfAborted()
        if (error === pausing) continue
        if (!isTransient(error) && !(missesBytes(error) && ++wrong < tries)) throw error
        const retryAfter = error instanceof ParleyError ? error.retryAfter : undefined
        await wait(clock, retryAfter ?? backOff(random, ++this.#failures), signal)
      }
    }
  }

  #send(upload: Parameters<typeof sendBytes>[0], signal: AbortSignal): Promise<void> {
    const { fetch, clock } = this.#deps
    const source = this.#source
    const progress = (sent: number): void => {
      // Whoever gets on need not wait longer and longer.
      if (sent > this.#most) this.#failures = 0
      this.#most = Math.max(this.#most, sent)
      this.#options.onProgress?.(sent, source.size)
    }
    return sendBytes(upload, { fetch, clock, source, signal, progress })
  }
}

/** Bytes that come wrong so often are wrong. */
const tries = 5

const pausing = new Error('paused')

/** The server has not all bytes, or not those that were meant: it says so, and takes them again. */
function missesBytes(error: unknown): boolean {
  if (!(error instanceof ParleyError)) return false
  return error.code === 'conflict' || (error.code === 'invalid' && error.field === 'sha256')
}
