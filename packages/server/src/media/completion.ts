import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Media, UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { invalid, notFound, unavailable } from '../lib/errors.ts'
import { Turns } from '../lib/turns.ts'
import type { BlobStore } from './blob-store.ts'
import { examine } from './examination.ts'
import type { ImageFile, ImageProcessor } from './image-processor.ts'
import type { MediaCatalogue } from './media-catalogue.ts'
import type { MediaObjects } from './media-objects.ts'
import type { MediaFacts, MediaRecord, MediaVariant } from './media-record.ts'
import { type CompleteMedia, viewOf } from './media-view.ts'
import type { Scratch } from './scratch.ts'

/** What only the client can tell of video and sound. */
export interface TeltFacts {
  width?: number | undefined
  height?: number | undefined
  /** Seconds. */
  duration?: number | undefined
  waveform?: number[] | undefined
  /** An image of the same owner that stands for it. */
  poster?: string | undefined
}

/** Uploads that are looked at together, and those that wait. */
const atOnce = 4
const waiting = 200

/** The end of an upload: what came is what was announced, and what is it (rule M2)? */
export class Completion {
  readonly #catalogue
  readonly #objects
  readonly #blobs
  readonly #images
  readonly #scratch
  readonly #clock
  readonly #turns = new Turns(atOnce, waiting)
  /** By media: one at a time. */
  #underWay = new Map<string, Promise<Media>>()

  constructor(deps: {
    catalogue: MediaCatalogue
    objects: MediaObjects
    blobs: BlobStore
    images: ImageProcessor
    scratch: Scratch
    clock: Clock
  }) {
    this.#catalogue = deps.catalogue
    this.#objects = deps.objects
    this.#blobs = deps.blobs
    this.#images = deps.images
    this.#scratch = deps.scratch
    this.#clock = deps.clock
  }

  /** May be repeated. @throws not_found, conflict while bytes are missing, invalid for others, unsupported_media */
  async complete(owner: UserId, id: string, telt: TeltFacts): Promise<Media> {
    const media = await this.#catalogue.find(id)
    if (media?.owner !== owner || media.state === 'leaving') throw notFound('media')
    if (media.state === 'complete') return viewOf(media)
    const underWay = this.#underWay.get(id)
    if (underWay) return underWay
    const work = this.#turns.take(() => this.#completeOnce(media, telt)).finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, work)
    return work
  }

  /** Another node may do the same at the same moment, and take away what this one is looking at. */
  async #completeOnce(media: MediaRecord, telt: TeltFacts): Promise<Media> {
    try {
      return await this.#complete(media, telt)
    } catch (error) {
      const now = await this.#catalogue.find(media.id)
      if (now?.state === 'complete') return viewOf(now)
      // It was taken back meanwhile: what was claimed since would be claimed for ever.
      if (!now) await this.#objects.release(media.id)
      throw error
    }
  }

  async #complete(media: MediaRecord, telt: TeltFacts): Promise<Media> {
    const { id, owner } = media
    const poster = telt.poster === undefined ? undefined : await this.#poster(owner, telt.poster)
    await this.#check(media)
    const facts = await this.#scratch.use((folder) => this.#keep(media, folder, telt, poster))
    const kept = await this.#catalogue.complete(id, facts, this.#clock.now())
    const record = kept ? await this.#catalogue.find(id) : undefined
    if (record?.state !== 'complete') throw notFound('media')
    return viewOf(record)
  }

  async #check({ id, size, type }: MediaRecord): Promise<void> {
    const length = await this.#blobs.finish(id, size)
    if (length === size) return
    await this.#startAgain({ id, size, type })
    throw invalid('size', `${size} bytes were announced, ${length} came. Upload them again.`)
  }

  /** What came is wrong: it can come again. */
  async #startAgain(media: { id: string; size: number; type: string }): Promise<void> {
    await this.#blobs.discard(media.id)
    await this.#blobs.begin(media)
  }

  async #keep(
    media: MediaRecord,
    folder: string,
    telt: TeltFacts,
    poster: CompleteMedia | undefined,
  ): Promise<MediaFacts> {
    const file = join(folder, 'upload')
    const { sha256, type } = await examine(
      await this.#blobs.read({ upload: media.id }),
      media,
      this.#images.types,
      file,
    )
    if (sha256 !== media.sha256) {
      await this.#startAgain(media)
      throw invalid('sha256', 'The bytes that came are not those that were announced. Upload them again.')
    }
    if (this.#images.types.has(type)) return this.#keepImage(media, type, file, folder)
    const { size } = media
    await this.#claim(media.id, [{ key: sha256, size }])
    await this.#blobs.keep(media.id, sha256)
    return { type, size, ...(await this.#telt(media.id, type, telt, poster, { key: sha256, size, type })) }
  }

  async #keepImage(media: MediaRecord, type: string, file: string, folder: string): Promise<MediaFacts> {
    const { width, height, thumbhash, ...files } = await this.#images.process(file, type, folder)
    const variants: Record<string, MediaVariant> = {}
    for (const [name, one] of Object.entries(files)) {
      const key = (await examine(createReadStream(one.path), one, new Set(), '')).sha256
      await this.#claim(media.id, [{ key, size: one.size }])
      await this.#put(key, one)
      variants[name] = { key, size: one.size, type: one.type }
    }
    await this.#blobs.discard(media.id)
    return { type, size: files.original.size, width, height, thumbhash, variants }
  }

  async #put(key: string, { path, size }: ImageFile): Promise<void> {
    await this.#blobs.put(key, createReadStream(path), size)
  }

  async #telt(
    id: string,
    type: string,
    { width, height, duration, waveform }: TeltFacts,
    poster: CompleteMedia | undefined,
    original: MediaVariant,
  ): Promise<Pick<MediaFacts, 'width' | 'height' | 'duration' | 'waveform' | 'thumbhash' | 'variants'>> {
    const [seen, heard] = [type.startsWith('video/'), type.startsWith('audio/')]
    const variants: Record<string, MediaVariant> = { original }
    if (seen && poster) {
      const { preview, thumb } = poster.facts.variants
      if (preview && thumb) Object.assign(variants, { preview, poster: preview, thumb })
      await this.#claim(
        id,
        [preview, thumb].filter((variant) => variant !== undefined),
      )
    }
    return {
      ...(seen && width !== undefined && height !== undefined ? { width, height } : {}),
      ...((seen || heard) && duration !== undefined ? { duration } : {}),
      ...(heard && waveform !== undefined ? { waveform } : {}),
      ...(seen && poster?.facts.thumbhash !== undefined ? { thumbhash: poster.facts.thumbhash } : {}),
      variants,
    }
  }

  /** Before the bytes are stored: whoever dies in between leaves a use, and no bytes that nobody knows of. */
  async #claim(media: string, objects: readonly { key: string; size: number }[]): Promise<void> {
    for (const object of objects) {
      if (await this.#objects.claim(object, media, this.#clock.now())) continue
      throw unavailable('The same bytes are being removed at the moment.')
    }
  }

  async #poster(owner: UserId, id: string): Promise<CompleteMedia> {
    const poster = await this.#catalogue.find(id)
    if (poster?.owner !== owner || poster.state !== 'complete') throw notFound('poster')
    if (!poster.facts.type.startsWith('image/')) throw invalid('poster', 'A poster is an image.')
    return poster
  }
}
