import type { BlobStore } from './blob-store.ts'
import type { MediaCatalogue } from './media-catalogue.ts'
import type { MediaObjects } from './media-objects.ts'

const batch = 200

/** Takes away what nothing refers to. Every step may be repeated, so one that dies half way leaves nothing wrong. */
export class MediaRemover {
  readonly #catalogue
  readonly #objects
  readonly #blobs
  readonly #removed
  #removing: Promise<unknown> = Promise.resolve()

  constructor(deps: {
    catalogue: MediaCatalogue
    objects: MediaObjects
    blobs: BlobStore
    removed: (key: string) => void
  }) {
    this.#catalogue = deps.catalogue
    this.#objects = deps.objects
    this.#blobs = deps.blobs
    this.#removed = deps.removed
  }

  /** @returns false when something refers to it */
  async removeUnreferred(id: string): Promise<boolean> {
    if (!(await this.#catalogue.condemn(id))) return false
    await this.#blobs.discard(id)
    await this.#objects.release(id)
    await this.#catalogue.forget(id)
    await this.removeUnused()
    return true
  }

  /** Bytes that no media has any more. @returns how many objects */
  removeUnused(): Promise<number> {
    // One after the other: a slow one would delete bytes that were removed before and stored anew since.
    const removed = this.#removing.then(() => this.#removeUnused())
    this.#removing = removed.catch(() => {})
    return removed
  }

  async #removeUnused(): Promise<number> {
    const unused = await this.#objects.unused(batch)
    for (const { key } of unused) {
      await this.#blobs.remove(key)
      this.#removed(key)
      await this.#objects.remove(key)
    }
    return unused.length
  }
}
