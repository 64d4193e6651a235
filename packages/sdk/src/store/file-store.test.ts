import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileStore, JournalDamagedError, StoreInUseError } from './file-store.ts'
import { encodeRecord } from './journal.ts'
import { storeContract } from './store.contract.ts'

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'parley-store-'))

storeContract('file', async () => {
  const folder = await newFolder()
  return { open: () => fileStore(join(folder, 'store')), end: () => rm(folder, { recursive: true }) }
})

storeContract('file, compacted at every write', async () => {
  const folder = await newFolder()
  const open = () => fileStore(join(folder, 'store'), { compactAbove: 0 })
  return { open, end: () => rm(folder, { recursive: true }) }
})

describe('file store', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await newFolder()
    path = join(folder, 'deep', 'store')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const written = async (cursors: string[]): Promise<void> => {
    const store = fileStore(path)
    await store.load()
    for (const cursor of cursors) await store.apply({ cursor })
    await store.close()
  }
  const cursorOf = async (): Promise<string | undefined> => {
    const store = fileStore(path)
    const { cursor } = await store.load()
    await store.close()
    return cursor
  }

  it('survives a crash at every byte of the last write: the batch is there whole or not at all', async () => {
    await written(['p1', 'p2'])
    const whole = await readFile(path)
    const last = Buffer.byteLength(encodeRecord({ cursor: 'p2' }))
    for (let cut = 0; cut <= last; cut++) {
      await writeFile(path, whole)
      await truncate(path, whole.length - cut)
      expect(await cursorOf()).toBe(cut === 0 ? 'p2' : 'p1')
    }
  })

  it('goes on writing after a torn tail', async () => {
    await written(['p1'])
    await appendFile(path, encodeRecord({ cursor: 'torn' }).slice(0, -3))
    await written(['p2'])
    expect(await cursorOf()).toBe('p2')
  })

  it('does not take a damaged record before whole ones for a torn tail', async () => {
    await written(['p1', 'p2', 'p3'])
    const bytes = await readFile(path)
    bytes[12]! ^= 1
    await writeFile(path, bytes)
    await expect(fileStore(path).load()).rejects.toThrow(JournalDamagedError)
  })

  it('is opened by one client at a time; a lock of a process that is gone does not hold it', async () => {
    const first = fileStore(path)
    await first.load()
    await expect(fileStore(path).load()).rejects.toThrow(StoreInUseError)
    await first.close()
    await writeFile(`${path}.lock`, '999999999\n')
    expect(await cursorOf()).toBeUndefined()
  })

  it('does not grow with what is replaced, and only its owner may read it', async () => {
    const store = fileStore(path, { compactAbove: 10_000 })
    await store.load()
    for (let n = 0; n < 2000; n++) await store.apply({ cursor: `position ${n}` })
    await store.close()
    const { size, mode } = await stat(path)
    expect(size).toBeLessThan(20_000)
    expect(mode & 0o077).toBe(0)
    expect(await cursorOf()).toBe('position 1999')
  })
})
