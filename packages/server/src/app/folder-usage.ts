import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorageUsed } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'

/** A folder of media may hold many files: it is not looked through for each who asks. */
const rememberedFor = 30_000

/** What a data folder takes, and what its disk has left. */
export class FolderUsage {
  readonly #folder
  readonly #clock
  #known: { at: number; used: Promise<StorageUsed> } | undefined

  constructor(folder: string, clock: Clock) {
    this.#folder = folder
    this.#clock = clock
  }

  used(): Promise<StorageUsed> {
    const now = this.#clock.now()
    if (!this.#known || now - this.#known.at > rememberedFor) this.#known = { at: now, used: this.#measure() }
    return this.#known.used
  }

  async #measure(): Promise<StorageUsed> {
    const folder = this.#folder
    const names = await readdir(folder).catch(() => [])
    const database = names.filter((name) => name.startsWith('parley.db')).map((name) => join(folder, name))
    const [whole, ofDatabase, free] = await Promise.all([bytesIn(folder), bytesOf(database), freeOn(folder)])
    return { folder: whole, database: ofDatabase, ...(free !== undefined && { free }) }
  }
}

async function freeOn(folder: string): Promise<number | undefined> {
  const disk = await statfs(folder).catch(() => undefined)
  return disk && disk.bavail * disk.bsize
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  return bytesOf(entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)))
}

const filesAtOnce = 64

/** Files that go meanwhile count nothing. */
async function bytesOf(files: readonly string[]): Promise<number> {
  let bytes = 0
  for (let start = 0; start < files.length; start += filesAtOnce) {
    const some = files.slice(start, start + filesAtOnce)
    const sizes = await Promise.all(some.map((file) => stat(file).catch(() => undefined)))
    for (const found of sizes) bytes += found?.size ?? 0
  }
  return bytes
}
