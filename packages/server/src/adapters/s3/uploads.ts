import type { MediaId } from '@parley/protocol'
import { type Clock, sleep } from '../../lib/clock.ts'
import { AppError } from '../../lib/errors.ts'
import type { UploadPart } from '../../media/blob-store.ts'
import type { S3Connection } from './connection.ts'
import { codeOf, isMissing, isOtherwise, unlessMissing } from './failures.ts'
import { type PartPlace, partsOf } from './parts.ts'
import { movingPatience } from './patience.ts'

/** Seconds for which a part may be put by its URL; whoever needs longer asks for fresh ones. */
const signedFor = 3_600
/** Milliseconds between looks for an upload that another node may be putting together, and how many of them. */
const joinPause = 250
const looks = 3

interface StoredPart {
  etag: string
  size: number
}

/** One of S3's uploads in parts, with what came. */
interface Begun {
  uploadId: string
  initiated: number
  stored: ReadonlyMap<number, StoredPart>
}

/**
 * Uploads in parts, which go to S3 itself. S3 knows them by a number of its own, found again by the key, so that nothing
 * about them is kept here. Of several for one key (two nodes began it at once) the one goes on that has most.
 */
export class S3Uploads {
  readonly #s3
  readonly #clock

  constructor(s3: S3Connection, clock: Clock) {
    this.#s3 = s3
    this.#clock = clock
  }

  keyOf(id: MediaId): string {
    return `${this.#s3.prefix}uploads/${id}`
  }

  async begin(id: MediaId, size: number): Promise<UploadPart[]> {
    const places = partsOf(size)
    // Whole already: nothing more is taken, or what was checked could be replaced behind the check.
    if ((await this.sizeOf(id)) !== undefined) return places.map((place) => ({ ...place, url: '', stored: true }))
    const begun = (await this.#begunOf(id))[0] ?? { uploadId: await this.#create(id), stored: new Map() }
    return Promise.all(
      places.map(async (place) => ({
        ...place,
        url: await this.#urlOf(id, begun.uploadId, place),
        stored: begun.stored.get(place.number)?.size === place.size,
      })),
    )
  }

  /** @returns its size; @throws AppError `conflict` while parts are missing */
  async finish(id: MediaId, size: number): Promise<number> {
    const there = await this.sizeOf(id)
    if (there !== undefined) {
      await this.#abortAll(id)
      return there
    }
    const places = partsOf(size)
    for (let left = looks; left > 0; left--) {
      const begun = await this.#begunOf(id)
      const whole = begun.find(({ stored }) => places.every((place) => stored.get(place.number)?.size === place.size))
      if (whole) await this.#join(id, whole, places, size)
      const found = await this.sizeOf(id)
      if (found !== undefined) return found
      // Neither parts nor the whole are seen while another node puts them together.
      if (!whole && begun.some(({ stored }) => stored.size > 0)) break
      await sleep(this.#clock, joinPause)
    }
    throw new AppError('conflict', 'Parts of the upload are missing.')
  }

  /** The object `key` is what the upload brought, as it was when it had `etag`. False: the upload is not there. */
  async copyTo(id: MediaId, key: string, etag: string | undefined): Promise<boolean> {
    const { driver, bucket: Bucket } = this.#s3
    const size = await this.sizeOf(id)
    if (size === undefined) return false
    const source = {
      CopySource: `${Bucket}/${encodeURI(this.keyOf(id))}`,
      ...(etag !== undefined && { CopySourceIfMatch: etag }),
    }
    try {
      await this.#s3.run(
        (client, abortSignal) =>
          client.send(new driver.CopyObjectCommand({ Bucket, Key: key, ...source }), { abortSignal }),
        movingPatience(size),
      )
      return true
    } catch (error) {
      if (isMissing(error)) return false
      if (isOtherwise(error)) throw new AppError('conflict', 'The upload is another than the one that was checked.')
      throw error
    }
  }

  async discard(id: MediaId): Promise<void> {
    const { driver, bucket: Bucket } = this.#s3
    await this.#abortAll(id)
    await this.#s3
      .run((client, abortSignal) =>
        client.send(new driver.DeleteObjectCommand({ Bucket, Key: this.keyOf(id) }), { abortSignal }),
      )
      .catch(unlessMissing)
  }

  /** Of one whose parts are together; undefined: they are not. */
  async sizeOf(id: MediaId): Promise<number | undefined> {
    const { driver, bucket: Bucket } = this.#s3
    try {
      const { ContentLength } = await this.#s3.run((client, abortSignal) =>
        client.send(new driver.HeadObjectCommand({ Bucket, Key: this.keyOf(id) }), { abortSignal }),
      )
      return ContentLength ?? 0
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async #create(id: MediaId): Promise<string> {
    const { driver, bucket: Bucket } = this.#s3
    const { UploadId } = await this.#s3.run((client, abortSignal) =>
      client.send(new driver.CreateMultipartUploadCommand({ Bucket, Key: this.keyOf(id) }), { abortSignal }),
    )
    if (UploadId === undefined) throw new Error('S3 began an upload without a number')
    return UploadId
  }

  #urlOf(id: MediaId, UploadId: string, { number: PartNumber, size: ContentLength }: PartPlace): Promise<string> {
    const { driver, bucket: Bucket } = this.#s3
    // Its length is signed with it: no longer part is taken.
    const part = { Bucket, Key: this.keyOf(id), UploadId, PartNumber, ContentLength }
    return this.#s3.sign(new driver.UploadPartCommand(part), signedFor)
  }

  /** The one with most bytes first; every node finds the same order. */
  async #begunOf(id: MediaId): Promise<Begun[]> {
    const { driver, bucket: Bucket } = this.#s3
    const Key = this.keyOf(id)
    const listed = await this.#s3
      .run((client, abortSignal) =>
        client.send(new driver.ListMultipartUploadsCommand({ Bucket, Prefix: Key }), { abortSignal }),
      )
      .catch(unlessMissing)
    const Uploads = listed?.Uploads ?? []
    const own = Uploads.filter((upload) => upload.Key === Key && upload.UploadId !== undefined)
    const begun = await Promise.all(
      own.map(async ({ UploadId = '', Initiated }) => {
        const stored = await this.#partsOf(id, UploadId)
        return stored && { uploadId: UploadId, initiated: Initiated?.getTime() ?? 0, stored }
      }),
    )
    const bytes = ({ stored }: Begun): number => [...stored.values()].reduce((sum, { size }) => sum + size, 0)
    return begun
      .filter((one) => one !== undefined)
      .sort((a, b) => bytes(b) - bytes(a) || a.initiated - b.initiated || (a.uploadId < b.uploadId ? -1 : 1))
  }

  /** undefined: it was put together or ended meanwhile. */
  async #partsOf(id: MediaId, UploadId: string): Promise<Map<number, StoredPart> | undefined> {
    const { driver, bucket: Bucket } = this.#s3
    try {
      const { Parts = [] } = await this.#s3.run((client, abortSignal) =>
        client.send(new driver.ListPartsCommand({ Bucket, Key: this.keyOf(id), UploadId }), { abortSignal }),
      )
      return new Map(
        Parts.map(({ PartNumber = 0, ETag = '', Size = 0 }) => [PartNumber, { etag: ETag, size: Size }] as const),
      )
    } catch (error) {
      if (codeOf(error) === 'NoSuchUpload') return undefined
      throw error
    }
  }

  /** Never over an object that is there: another node may have checked it already. */
  async #join(
    id: MediaId,
    { uploadId: UploadId, stored }: Begun,
    places: readonly PartPlace[],
    size: number,
  ): Promise<void> {
    const { driver, bucket: Bucket } = this.#s3
    const Parts = places.map(({ number }) => ({ PartNumber: number, ETag: stored.get(number)?.etag }))
    const whole = { Bucket, Key: this.keyOf(id), UploadId, MultipartUpload: { Parts }, IfNoneMatch: '*' }
    try {
      await this.#s3.run(
        (client, abortSignal) => client.send(new driver.CompleteMultipartUploadCommand(whole), { abortSignal }),
        movingPatience(size),
      )
    } catch (error) {
      // Another node was faster, it was done and the answer was lost, or a part came once more since it was listed.
      if (!['NoSuchUpload', 'InvalidPart'].includes(codeOf(error)) && !isOtherwise(error)) throw error
    }
  }

  async #abortAll(id: MediaId): Promise<void> {
    const { driver, bucket: Bucket } = this.#s3
    for (const { uploadId: UploadId } of await this.#begunOf(id)) {
      const one = { Bucket, Key: this.keyOf(id), UploadId }
      await this.#s3
        .run((client, abortSignal) => client.send(new driver.AbortMultipartUploadCommand(one), { abortSignal }))
        .catch((error: unknown) => {
          if (codeOf(error) !== 'NoSuchUpload') throw error
        })
    }
  }
}
