import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { StorageUsed } from '@parley/protocol'

/** What a data folder takes, and what its disk has left. Looks at every file of it. */
export async function folderUsage(folder: string): Promise<StorageUsed> {
  const names = await readdir(folder).catch(() => [])
  const database = names.filter((name) => name.startsWith('parley.db')).map((name) => join(folder, name))
  const [whole, ofDatabase, free] = await Promise.all([bytesIn(folder), bytesOf(database), freeOn(folder)])
  return { folder: whole, database: ofDatabase, ...(free !== undefined && { free }) }
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
