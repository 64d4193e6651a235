import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import { AppError, notFound, unavailable } from '../../lib/errors.ts'
import { type Random, randomToken } from '../../lib/random.ts'
import type { BlobName, BlobStore, ByteRange, UploadPlan } from '../../media/blob-store.ts'
import { Folders, isMissing, syncFile, syncFolderOf } from './folders.ts'
import { TusUploads } from './tus-uploads.ts'

/** Milliseconds after which one who waits for an object asks again. */
const restoreWait = 1000
const chunk = 256 * 1024

/** Bytes in a folder: uploads come by tus, objects are files named by their hash, cold ones are compressed. */
export class DiskBlobStore implements BlobStore {
  /** Where tus requests go. */
  readonly uploads: TusUploads
  readonly folders: Folders
  readonly #random
  #restoring = new Map<string, Promise<void>>()

  constructor(root: string, random: Random) {
    this.folders = new Folders(root)
    this.uploads = new TusUploads(this.folders.uploads)
    this.#random = random
  }

  async begin({ id, size }: { id: string; size: number }): Promise<UploadPlan> {
    return { by: 'tus', offset: await this.uploads.begin(id, size) }
  }

  async finish(id: string, size: number): Promise<number> {
    const path = this.folders.upload(id)
    const length = (await sizeOf(path)) ?? 0
    if (length < size) throw new AppError('conflict', 'The upload is not complete.')
    return length
  }

  async keep(id: string, key: string): Promise<void> {
    const from = this.folders.upload(id)
    const to = this.folders.object(key)
    try {
      await syncFile(from)
      await mkdir(dirname(to), { recursive: true })
      await rename(from, to)
    } catch (error) {
      if (!isMissing(error)) throw toUnavailable(error)
      if ((await sizeOf(to)) === undefined) throw notFound('upload')
    }
    await syncFolderOf(to)
    await this.discard(id)
  }

  async discard(id: string): Promise<void> {
    await this.uploads.forget(id)
  }

  async put(key: string, bytes: Readable, size: number): Promise<void> {
    await this.#store(this.folders.object(key), size, async (file) => {
      await pipeline(bytes, file)
    })
  }

  async read(name: BlobName, range?: ByteRange): Promise<Readable> {
    const path = 'key' in name ? this.folders.object(name.key) : this.folders.upload(name.upload)
    try {
      const file = await open(path, 'r')
      return file.createReadStream({ highWaterMark: chunk, ...range })
    } catch (error) {
      if (!isMissing(error)) throw error
      if ('key' in name && (await exists(this.folders.cold(name.key)))) {
        throw new AppError('unavailable', 'It has to be restored first.', { retryAfter: restoreWait })
      }
      throw notFound('media')
    }
  }

  async remove(key: string): Promise<void> {
    for (const path of [this.folders.object(key), this.folders.cold(key)]) await rm(path, { force: true })
  }

  async cool(key: string): Promise<number> {
    const [hot, cold] = [this.folders.object(key), this.folders.cold(key)]
    if (await exists(hot)) {
      await this.#store(cold, undefined, async (file) => {
        await pipeline(createReadStream(hot, { highWaterMark: chunk }), createZstdCompress(), file)
      })
      await rm(hot, { force: true })
    }
    const size = await sizeOf(cold)
    if (size === undefined) throw notFound('media')
    return size
  }

  async restore(key: string): Promise<{ state: 'ready' } | { state: 'restoring'; wait: number }> {
    if (await exists(this.folders.object(key))) return { state: 'ready' }
    if (!(await exists(this.folders.cold(key)))) throw notFound('media')
    if (!this.#restoring.has(key)) {
      const restored = this.#restore(key).finally(() => this.#restoring.delete(key))
      // Whoever asks again is told, or begins again.
      this.#restoring.set(
        key,
        restored.catch(() => {}),
      )
    }
    return { state: 'restoring', wait: restoreWait }
  }

  /** An object's bytes, also where they are cold, for whoever takes them elsewhere. @throws not_found */
  async readAnywhere(key: string): Promise<Readable> {
    if (await exists(this.folders.object(key))) return this.read({ key })
    const cold = this.folders.cold(key)
    if (!(await exists(cold))) throw notFound('media')
    const plain = createZstdDecompress()
    pipeline(createReadStream(cold), plain).catch((error) => plain.destroy(error))
    return plain
  }

  async link(): Promise<undefined> {
    return undefined
  }

  /** Waits for what is being restored. */
  async close(): Promise<void> {
    await Promise.all(this.#restoring.values())
  }

  async #restore(key: string): Promise<void> {
    const [hot, cold] = [this.folders.object(key), this.folders.cold(key)]
    await this.#store(hot, undefined, async (file) => {
      await pipeline(createReadStream(cold), createZstdDecompress(), file)
    })
    await rm(cold, { force: true })
  }

  /** Whole or not at all: it gets its name when everything is on the disk. */
  async #store(
    path: string,
    size: number | undefined,
    fill: (file: ReturnType<typeof createWriteStream>) => Promise<void>,
  ): Promise<void> {
    const scratch = `${this.folders.scratch}/${randomToken(this.#random, 12)}`
    try {
      const file = createWriteStream(scratch, { flags: 'wx', mode: 0o600, flush: true })
      await fill(file)
      if (size !== undefined && file.bytesWritten !== size) throw new Error('those were not all the bytes')
      await mkdir(dirname(path), { recursive: true })
      await rename(scratch, path)
      await syncFolderOf(path)
    } catch (error) {
      await rm(scratch, { force: true })
      throw toUnavailable(error)
    }
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** A disk that is full takes bytes again once there is room. */
function toUnavailable(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS'
    ? unavailable('The media folder does not take bytes at the moment.', error)
    : error
}
