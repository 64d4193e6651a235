import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { lockFile } from './file-lock.ts'
import { encodeRecord, readRecords, replaceWithBeside, syncFolder, writeBeside } from './journal.ts'
import type { Batch, Store } from './store.ts'
import { Tables } from './tables.ts'

export { StoreInUseError } from './file-lock.ts'
export { JournalDamagedError } from './journal.ts'

export interface FileStoreOptions {
  /** The journal is written anew when it is larger than this (bytes), and than four times what it holds. */
  compactAbove?: number
}

const messagesPerRecord = 500

interface Waiting {
  batch: Batch
  stored: () => void
  failed: (error: unknown) => void
}

/**
 * A journal on disk and its records in memory, for Node. A batch is one record with a checksum; `apply` resolves after
 * fsync; what waits meanwhile is written together. The file holds the device's token: only its owner may read it.
 */
export function fileStore(path: string, { compactAbove = 1024 * 1024 }: FileStoreOptions = {}): Store {
  const opened = new FileStore(resolve(path), compactAbove)
  return {
    load: () => opened.load(),
    apply: (batch) => opened.apply(batch),
    messages: async (conversation, range) => opened.tables.messages(conversation, range),
    close: () => opened.close(),
  }
}

class FileStore {
  readonly #path
  readonly #compactAbove
  readonly tables = new Tables()
  #file: FileHandle | undefined
  #unlock: () => Promise<void> = async () => {}
  #size = 0
  #sizeWhenCompact = 0
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  /** Whether the last write is on disk is not known, and asking again would not tell. */
  #broken: unknown

  constructor(path: string, compactAbove: number) {
    this.#path = path
    this.#compactAbove = compactAbove
  }

  async load() {
    const folder = dirname(this.#path)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    this.#unlock = await lockFile(this.#path)
    try {
      // Opened for appending: made when it is not there, never cut.
      this.#file = await open(this.#path, 'a+', 0o600)
      const { batches, end } = readRecords(this.#path, await this.#file.readFile())
      for (const batch of batches) this.tables.apply(batch)
      await this.#file.truncate(end)
      await this.#file.sync()
      await syncFolder(folder)
      this.#size = end
    } catch (error) {
      await this.#release()
      throw error
    }
    return this.tables.state()
  }

  apply(batch: Batch): Promise<void> {
    return new Promise((stored, failed) => {
      this.#waiting.push({ batch, stored, failed })
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined
      })
    })
  }

  async close(): Promise<void> {
    await this.#writing
    this.#broken ??= new Error('The store is closed.')
    await this.#release()
  }

  async #release(): Promise<void> {
    const [file, unlock] = [this.#file, this.#unlock]
    this.#file = undefined
    this.#unlock = async () => {}
    await file?.close()
    await unlock()
  }

  async #write(): Promise<void> {
    // What is asked for in this turn goes together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#append(group.map(({ batch }) => encodeRecord(batch)).join(''))
      } catch (error) {
        for (const { failed } of group) failed(error)
        continue
      }
      for (const { batch, stored } of group) {
        this.tables.apply(batch)
        stored()
      }
      await this.#compactIfLarge()
    }
  }

  async #append(records: string): Promise<void> {
    if (this.#broken) throw this.#broken
    const file = this.#file
    if (!file) throw new Error('The store is not open.')
    try {
      await file.appendFile(records, 'utf8')
    } catch (error) {
      // A full disk may have taken a part of it.
      await file.truncate(this.#size).catch((reason) => {
        this.#broken = reason
      })
      throw error
    }
    try {
      await file.datasync()
    } catch (error) {
      this.#broken = error
      throw error
    }
    this.#size += Buffer.byteLength(records)
  }

  async #compactIfLarge(): Promise<void> {
    if (this.#size < this.#compactAbove || this.#size < 4 * this.#sizeWhenCompact) return
    const records = Iterator.from(this.tables.snapshot(messagesPerRecord)).map(encodeRecord)
    const compact = await writeBeside(this.#path, records).catch(() => undefined)
    if (!compact) {
      // The journal as it is is whole: again when it has grown some more.
      this.#sizeWhenCompact = this.#size / 2
      return
    }
    try {
      await replaceWithBeside(this.#path)
    } catch (error) {
      this.#broken = error
      await compact.file.close()
      return
    }
    await this.#file?.close()
    this.#file = compact.file
    this.#size = compact.size
    this.#sizeWhenCompact = compact.size
  }
}
