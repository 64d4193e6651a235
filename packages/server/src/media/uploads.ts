import type { UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { AppError, notFound } from '../lib/errors.ts'
import type { BlobStore, UploadPlan } from './blob-store.ts'
import type { MediaCatalogue } from './media-catalogue.ts'

export interface Announcement {
  size: number
  type: string
  sha256: string
  name?: string | undefined
}

/** Bytes that one object, and all objects of a user, may have. */
export interface MediaLimits {
  bytes: number
  quota: number
}

/** Media that are announced and come (rule M1). */
export class Uploads {
  readonly #catalogue
  readonly #blobs
  readonly #limits
  readonly #clock
  readonly #nextId

  constructor(deps: {
    catalogue: MediaCatalogue
    blobs: BlobStore
    limits: MediaLimits
    clock: Clock
    nextId: () => Promise<string>
  }) {
    this.#catalogue = deps.catalogue
    this.#blobs = deps.blobs
    this.#limits = deps.limits
    this.#clock = deps.clock
    this.#nextId = deps.nextId
  }

  /** @throws too_large, limit_reached for the quota */
  async announce(owner: UserId, { size, type, sha256, name }: Announcement): Promise<{ id: string; plan: UploadPlan }> {
    const { bytes, quota } = this.#limits
    if (size > bytes) throw new AppError('too_large', `Media have at most ${bytes} bytes.`, { field: 'size' })
    const media = { id: await this.#nextId(), owner, size, type, sha256, name, createdAt: this.#clock.now() }
    if (!(await this.#catalogue.create(media, quota))) {
      throw new AppError('limit_reached', `Your media would have more than ${quota} bytes.`, { field: 'size' })
    }
    return { id: media.id, plan: await this.#blobs.begin(media) }
  }

  /** How an upload that broke goes on. @throws not_found, conflict when it is complete */
  async plan(owner: UserId, id: string): Promise<UploadPlan> {
    const media = await this.#catalogue.find(id)
    if (media?.owner !== owner || media.state === 'leaving') throw notFound('media')
    if (media.state === 'complete') throw new AppError('conflict', 'The upload is complete.')
    return this.#blobs.begin(media)
  }

  /** Takes back what nothing refers to. @throws not_found, conflict */
  async cancel(owner: UserId, id: string): Promise<void> {
    const media = await this.#catalogue.find(id)
    if (media?.owner !== owner) throw notFound('media')
    if (media.state === 'leaving') return
    if (!(await this.#catalogue.condemn(id))) throw new AppError('conflict', 'Something refers to it.')
    await this.#blobs.discard(id)
  }

  async usage(owner: UserId): Promise<{ bytes: number; count: number; quota: number }> {
    return { ...(await this.#catalogue.usage(owner)), quota: this.#limits.quota }
  }
}
