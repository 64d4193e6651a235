import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { AppError, notFound } from '../../lib/errors.ts'
import type { BlobName, BlobStore, ByteRange, UploadPlan } from '../../media/blob-store.ts'

/** Bytes in memory, for tests and for a server that keeps nothing; `disk` is what real ones go to. */
export class MemoryBlobStore implements BlobStore {
  #uploads = new Map<string, { size: number; bytes: Uint8Array }>()
  #objects = new Map<string, Uint8Array>()
  #cold = new Set<string>()

  async begin({ id, size }: { id: string; size: number }): Promise<UploadPlan> {
    const upload = this.#uploads.get(id) ?? { size, bytes: new Uint8Array() }
    this.#uploads.set(id, upload)
    return { by: 'tus', offset: upload.bytes.length }
  }

  /** Bytes that follow those that are there. */
  async append(id: string, offset: number, bytes: Uint8Array): Promise<number> {
    const upload = this.#uploads.get(id)
    if (!upload) throw notFound('upload')
    if (upload.bytes.length !== offset || offset + bytes.length > upload.size) {
      throw new AppError('conflict', 'Those are not the bytes that follow.')
    }
    upload.bytes = Buffer.concat([upload.bytes, bytes])
    return upload.bytes.length
  }

  async finish(id: string, size: number): Promise<number> {
    const length = this.#uploads.get(id)?.bytes.length ?? 0
    if (length < size) throw new AppError('conflict', 'The upload is not complete.')
    return length
  }

  async keep(id: string, key: string): Promise<void> {
    const upload = this.#uploads.get(id)
    if (upload) this.#objects.set(key, upload.bytes)
    else if (!this.#objects.has(key)) throw notFound('upload')
    this.#uploads.delete(id)
  }

  async discard(id: string): Promise<void> {
    this.#uploads.delete(id)
  }

  async put(key: string, bytes: Readable): Promise<void> {
    this.#objects.set(key, await buffer(bytes))
  }

  async read(name: BlobName, range?: ByteRange): Promise<Readable> {
    if ('key' in name && this.#cold.has(name.key)) {
      throw new AppError('unavailable', 'It has to be restored first.', { retryAfter: 1000 })
    }
    const bytes = 'key' in name ? this.#objects.get(name.key) : this.#uploads.get(name.upload)?.bytes
    if (!bytes) throw notFound('media')
    return Readable.from([Buffer.from(range ? bytes.subarray(range.start, range.end + 1) : bytes)])
  }

  async remove(key: string): Promise<void> {
    this.#objects.delete(key)
    this.#cold.delete(key)
  }

  async cool(key: string): Promise<number> {
    const bytes = this.#objects.get(key)
    if (!bytes) throw notFound('media')
    this.#cold.add(key)
    return bytes.length
  }

  async restore(key: string): Promise<{ state: 'ready' }> {
    if (!this.#objects.has(key)) throw notFound('media')
    this.#cold.delete(key)
    return { state: 'ready' }
  }

  async link(): Promise<undefined> {
    return undefined
  }
}
