import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/logger.ts'
import type { BlobStore } from './blob-store.ts'
import type { MediaObjects } from './media-objects.ts'

/** Milliseconds in which reads are gathered before they are noted. */
const gatherTime = 60_000
/** Objects that are remembered as read until then; of more only the first are noted in time. */
const capacity = 10_000

/** Reads of objects: those that are cold are restored, and when each was last read is noted once in a while. */
export class MediaReads {
  readonly #objects
  readonly #blobs
  readonly #clock
  readonly #logger
  #read = new Map<string, number>()
  #gathering = false

  constructor(deps: { objects: MediaObjects; blobs: BlobStore; clock: Clock; logger: Logger }) {
    this.#objects = deps.objects
    this.#blobs = deps.blobs
    this.#clock = deps.clock
    this.#logger = deps.logger
  }

  /** Somebody is about to read it. @throws not_found */
  async read(key: string): Promise<{ state: 'ready' } | { state: 'restoring'; wait: number }> {
    this.#note(key)
    const object = await this.#objects.find(key)
    if (object?.tier !== 'cold') return { state: 'ready' }
    const restored = await this.#blobs.restore(key)
    if (restored.state === 'ready') await this.#objects.setTier(key, 'hot')
    return restored
  }

  /** Notes what was read until now. */
  async flush(): Promise<void> {
    const reads = [...this.#read].map(([key, at]) => ({ key, at }))
    this.#read.clear()
    await this.#objects.noteReads(reads)
  }

  #note(key: string): void {
    if (this.#read.size < capacity || this.#read.has(key)) this.#read.set(key, this.#clock.now())
    if (this.#gathering) return
    this.#gathering = true
    this.#clock.after(gatherTime, () => {
      this.#gathering = false
      this.flush().catch((error) => this.#logger.warn({ error }, 'reads of media were not noted'))
    })
  }
}
