import type { Readable } from 'node:stream'
import type { MediaId } from '@parley/protocol'
import type { Clock } from '../../lib/clock.ts'
import { AppError, notFound } from '../../lib/errors.ts'
import { Lru } from '../../lib/lru.ts'
import type { BlobName, BlobStore, ByteRange, LinkHeaders, UploadPlan } from '../../media/blob-store.ts'
import type { S3Connection } from './connection.ts'
import { isCold, isMissing, unlessMissing } from './failures.ts'
import { puttingPatience } from './patience.ts'
import { type ColdClass, type Restoring, S3Tiers } from './tiers.ts'
import { S3Uploads } from './uploads.ts'

/** Milliseconds after which reading what is being restored is worth another try. */
const coldWait = 60_000
/** Milliseconds between two signatures of one object. */
const signedAnew = 60_000
/** What a hash names never changes. */
const caching = 'private, max-age=31536000, immutable'
/** Uploads whose bytes were read here, to be checked, and not kept yet. */
const checkedAtOnce = 1_000

/**
 * Bytes in S3. Uploads and links go between clients and S3 by signed URLs; this server reads an upload once, to check
 * it, and stores what it made itself. `uploads/ID` are uploads, `objects/KEY` what is kept.
 */
export class S3BlobStore implements BlobStore {
  readonly #s3
  readonly #clock
  readonly #uploads
  readonly #tiers
  /** Which bytes were read: only these are kept. */
  readonly #checked = new Lru<MediaId, string>(checkedAtOnce)

  constructor(s3: S3Connection, clock: Clock, cold: ColdClass | undefined) {
    this.#s3 = s3
    this.#clock = clock
    this.#uploads = new S3Uploads(s3, clock)
    this.#tiers = new S3Tiers(s3, cold)
  }

  async begin({ id, size }: { id: MediaId; size: number }): Promise<UploadPlan> {
    return { by: 'parts', method: 'PUT', headers: {}, parts: await this.#uploads.begin(id, size) }
  }

  finish(id: MediaId, size: number): Promise<number> {
    return this.#uploads.finish(id, size)
  }

  async keep(id: MediaId, key: string): Promise<void> {
    const copied = await this.#uploads.copyTo(id, this.#keyOf(key), this.#checked.get(id))
    if (!copied && !(await this.#isThere(key))) throw notFound('upload')
    await this.discard(id)
  }

  async discard(id: MediaId): Promise<void> {
    await this.#uploads.discard(id)
    this.#checked.delete(id)
  }

  async put(key: string, bytes: Readable, size: number): Promise<void> {
    const { driver, bucket: Bucket } = this.#s3
    const object = { Bucket, Key: this.#keyOf(key), Body: bytes, ContentLength: size }
    const broken = new AbortController()
    const breakOff = (): void => broken.abort()
    // The driver does not see a source that fails, and would wait for its bytes.
    bytes.once('error', breakOff)
    try {
      await this.#s3.run((client, late) => {
        const abortSignal = AbortSignal.any([late, broken.signal])
        return client.send(new driver.PutObjectCommand(object), { abortSignal })
      }, puttingPatience(size))
    } catch (error) {
      throw bytes.errored ?? error
    } finally {
      bytes.off('error', breakOff)
      bytes.destroy()
    }
  }

  async read(name: BlobName, range?: ByteRange): Promise<Readable> {
    const { driver, bucket: Bucket } = this.#s3
    const Key = 'key' in name ? this.#keyOf(name.key) : this.#uploads.keyOf(name.upload)
    const asked = { Bucket, Key, ...(range && { Range: `bytes=${range.start}-${range.end}` }) }
    try {
      const { Body, ETag } = await this.#s3.run((client, abortSignal) =>
        client.send(new driver.GetObjectCommand(asked), { abortSignal }),
      )
      if ('upload' in name && range === undefined && ETag !== undefined) this.#checked.set(name.upload, ETag)
      return Body as Readable
    } catch (error) {
      if (isMissing(error)) throw notFound('object')
      if (isCold(error)) throw new AppError('unavailable', 'It has to be restored first.', { retryAfter: coldWait })
      throw error
    }
  }

  async remove(key: string): Promise<void> {
    const { driver, bucket: Bucket } = this.#s3
    await this.#s3
      .run((client, abortSignal) =>
        client.send(new driver.DeleteObjectCommand({ Bucket, Key: this.#keyOf(key) }), { abortSignal }),
      )
      .catch(unlessMissing)
  }

  cool(key: string): Promise<number> {
    return this.#tiers.cool(this.#keyOf(key))
  }

  restore(key: string): Promise<Restoring> {
    return this.#tiers.restore(this.#keyOf(key))
  }

  /**
   * S3 answers with the type and disposition that were signed; it cannot be made to send `nosniff` or a policy. So the
   * type is never one that runs as a page unless the caller says so, and the address is another origin than the app's.
   */
  async link(key: string, { type, disposition }: LinkHeaders, expiresAt: number): Promise<string> {
    const { driver, bucket: Bucket } = this.#s3
    const asked = {
      Bucket,
      Key: this.#keyOf(key),
      ResponseContentType: type,
      ResponseContentDisposition: disposition,
      ResponseCacheControl: caching,
    }
    // The same URL for a while, so that browsers need not load twice.
    const from = Math.floor(this.#clock.now() / signedAnew) * signedAnew
    return this.#s3.sign(new driver.GetObjectCommand(asked), Math.ceil((expiresAt - from) / 1_000), from)
  }

  #keyOf(key: string): string {
    return `${this.#s3.prefix}objects/${key}`
  }

  async #isThere(key: string): Promise<boolean> {
    const { driver, bucket: Bucket } = this.#s3
    try {
      await this.#s3.run((client, abortSignal) =>
        client.send(new driver.HeadObjectCommand({ Bucket, Key: this.#keyOf(key) }), { abortSignal }),
      )
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }
}
