import { notFound } from '../../lib/errors.ts'
import type { S3Connection } from './connection.ts'
import { codeOf, isCold, isMissing } from './failures.ts'
import { movingPatience } from './patience.ts'

export type ColdClass = 'STANDARD_IA' | 'ONEZONE_IA' | 'GLACIER_IR' | 'GLACIER' | 'DEEP_ARCHIVE'

/** Classes out of which nothing is read before it was restored. */
const archives: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE']
/** Days for which a restored copy stays; it is copied back before. */
const restoredFor = 3
/** Milliseconds until it is worth asking again: minutes for the fast way back, hours for the other. */
const waits = { Expedited: 60_000, Standard: 600_000 } as const

export type Restoring = { state: 'ready' } | { state: 'restoring'; wait: number }

/** Moves objects between storage classes. `cold` undefined: there is none, and nothing moves. */
export class S3Tiers {
  readonly #s3
  readonly #cold

  constructor(s3: S3Connection, cold: ColdClass | undefined) {
    this.#s3 = s3
    this.#cold = cold
  }

  async cool(key: string): Promise<number> {
    const { size, storage } = await this.#look(key)
    if (this.#cold !== undefined && storage !== this.#cold) await this.#copy(key, size, this.#cold)
    return size
  }

  async restore(key: string): Promise<Restoring> {
    const { size, storage, restore } = await this.#look(key)
    if (storage === 'STANDARD') return { state: 'ready' }
    if (archives.includes(storage)) {
      const tier = storage === 'GLACIER' ? 'Expedited' : 'Standard'
      if (restore === undefined) return this.#begin(key, tier)
      if (!restore.includes('ongoing-request="false"')) return { state: 'restoring', wait: waits[tier] }
    }
    // For good: what is read once is read again.
    await this.#copy(key, size, 'STANDARD')
    return { state: 'ready' }
  }

  async #begin(key: string, tier: keyof typeof waits): Promise<Restoring> {
    const { driver, bucket: Bucket } = this.#s3
    const RestoreRequest = { Days: restoredFor, GlacierJobParameters: { Tier: tier } }
    try {
      await this.#s3.run((client, abortSignal) =>
        client.send(new driver.RestoreObjectCommand({ Bucket, Key: key, RestoreRequest }), { abortSignal }),
      )
    } catch (error) {
      if (isMissing(error)) throw notFound('object')
      const crowded = codeOf(error) === 'GlacierExpeditedRetrievalNotAvailable' && tier === 'Expedited'
      if (crowded) return this.#begin(key, 'Standard')
      if (codeOf(error) !== 'RestoreAlreadyInProgress') throw error
    }
    return { state: 'restoring', wait: waits[tier] }
  }

  async #copy(key: string, size: number, StorageClass: ColdClass | 'STANDARD'): Promise<void> {
    const { driver, bucket: Bucket } = this.#s3
    const copy = { Bucket, Key: key, CopySource: `${Bucket}/${encodeURI(key)}`, StorageClass }
    try {
      await this.#s3.run(
        (client, abortSignal) => client.send(new driver.CopyObjectCommand(copy), { abortSignal }),
        movingPatience(size),
      )
    } catch (error) {
      if (isMissing(error)) throw notFound('object')
      // Another node has just moved it there.
      if (!(isCold(error) && archives.includes(StorageClass))) throw error
    }
  }

  async #look(key: string): Promise<{ size: number; storage: string; restore: string | undefined }> {
    const { driver, bucket: Bucket } = this.#s3
    try {
      const {
        ContentLength = 0,
        StorageClass,
        Restore,
      } = await this.#s3.run((client, abortSignal) =>
        client.send(new driver.HeadObjectCommand({ Bucket, Key: key }), { abortSignal }),
      )
      return { size: ContentLength, storage: StorageClass ?? 'STANDARD', restore: Restore }
    } catch (error) {
      if (isMissing(error)) throw notFound('object')
      throw error
    }
  }
}
