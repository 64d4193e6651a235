import { constants } from 'node:fs'
import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { platform } from 'node:process'
import { crc32 } from 'node:zlib'
import type { Batch } from './store.ts'

/** A record of the journal does not match its checksum, and records follow it: something else damaged the file. */
export class JournalDamagedError extends Error {
  constructor(path: string, at: number) {
    super(`The store ${path} is damaged at byte ${at}.`)
    this.name = 'JournalDamagedError'
  }
}

/** One line: checksum of the JSON as 8 hex digits, a space, the batch as JSON. */
export function encodeRecord(batch: Batch): string {
  const json = JSON.stringify(batch)
  return `${checksum(Buffer.from(json))} ${json}\n`
}

const checksum = (bytes: Buffer): string => crc32(bytes).toString(16).padStart(8, '0')

function decodeRecord(line: Buffer): Batch | undefined {
  if (line.length < 10 || line.toString('latin1', 0, 8) !== checksum(line.subarray(9))) return undefined
  return JSON.parse(line.toString('utf8', 9)) as Batch
}

/** What a journal holds, and where its whole records end: a torn tail is what a crash left of the last write. */
export function readRecords(path: string, bytes: Buffer): { batches: Batch[]; end: number } {
  const batches: Batch[] = []
  let end = 0
  let torn: number | undefined
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start)
    const batch = newline < 0 ? undefined : decodeRecord(bytes.subarray(start, newline))
    if (batch && torn !== undefined) throw new JournalDamagedError(path, torn)
    if (batch) {
      batches.push(batch)
      end = newline + 1
    } else torn ??= start
    start = newline < 0 ? bytes.length : newline + 1
  }
  return { batches, end }
}

/** Writes `records` beside `path`. It may take the place of `path` when this resolves. */
export async function writeBeside(
  path: string,
  records: Iterable<string>,
): Promise<{ file: FileHandle; size: number }> {
  const { O_RDWR, O_CREAT, O_TRUNC, O_APPEND } = constants
  const file = await open(beside(path), O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0o600)
  try {
    let size = 0
    for (const record of records) {
      await file.appendFile(record, 'utf8')
      size += Buffer.byteLength(record)
    }
    await file.sync()
    return { file, size }
  } catch (error) {
    await file.close()
    await unlink(beside(path)).catch(() => {})
    throw error
  }
}

/** Puts the journal that was written beside `path` in its place. After a failure either may be there. */
export async function replaceWithBeside(path: string): Promise<void> {
  await rename(beside(path), path)
  await syncFolder(dirname(path))
}

const beside = (path: string): string => `${path}.new`

/** A new name is durable when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  if (platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
