import { open, readFile, unlink } from 'node:fs/promises'
import { pid } from 'node:process'

/** The store is open already, here or in another process: two clients would write over each other. */
export class StoreInUseError extends Error {
  constructor(path: string) {
    super(`The store ${path} is in use.`)
    this.name = 'StoreInUseError'
  }
}

const openHere = new Set<string>()

/** Holds `path` for this process until the returned function is called. A lock of a process that is gone is taken over. */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  if (openHere.has(path)) throw new StoreInUseError(path)
  openHere.add(path)
  const lock = `${path}.lock`
  try {
    await take(lock, path)
  } catch (error) {
    openHere.delete(path)
    throw error
  }
  return async () => {
    await unlink(lock).catch(() => {})
    openHere.delete(path)
  }
}

async function take(lock: string, path: string): Promise<void> {
  for (;;) {
    try {
      const file = await open(lock, 'wx', 0o600)
      await file.writeFile(`${pid}\n`)
      await file.close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''))
    // Our own number in a file that is not open here is from an earlier life, as in a container.
    if (holder !== pid && isAlive(holder)) throw new StoreInUseError(path)
    await unlink(lock).catch(() => {})
  }
}

function isAlive(process: number): boolean {
  if (!Number.isSafeInteger(process) || process <= 0) return false
  try {
    globalThis.process.kill(process, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
