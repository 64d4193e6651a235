import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Who holds a data folder. */
export interface Holder {
  pid: number
  /** ISO 8601. */
  since: string
  /** '' until it listens. */
  url: string
}

export class FolderInUseError extends Error {
  readonly holder

  /** `holder` is not known in the instant after another server took the folder. */
  constructor(folder: string, holder: Holder | undefined) {
    const where = holder === undefined || holder.url === '' ? '' : ` at ${holder.url}`
    const who = holder === undefined ? '' : ` (process ${holder.pid}, since ${holder.since})`
    super(`${folder} is in use by a Parley server${where}${who}.`)
    this.name = 'FolderInUseError'
    this.holder = holder
  }
}

/**
 * A lock of the operating system's, on an empty SQLite file: it goes with its process however that ends, so there is
 * nothing stale to judge, and it holds between containers that share a folder, whose process numbers mean nothing to each
 * other. Nothing else of this process may open that file: a close would let go of the lock.
 */
export class FileLock {
  readonly #database

  private constructor(database: Database.Database) {
    this.#database = database
  }

  /** undefined: another process has it. */
  static take(path: string): FileLock | undefined {
    const database = new Database(path, { timeout: 0 })
    try {
      database.exec('BEGIN EXCLUSIVE')
      return new FileLock(database)
    } catch (error) {
      database.close()
      if ((error as { code?: string }).code === 'SQLITE_BUSY') return undefined
      throw error
    }
  }

  get held(): boolean {
    return this.#database.open
  }

  release(): void {
    this.#database.close()
  }
}

/** One server per data folder. */
export class FolderLock {
  readonly #lock
  readonly #path
  readonly #holder

  private constructor(lock: FileLock, path: string, holder: Holder) {
    this.#lock = lock
    this.#path = path
    this.#holder = holder
    this.#tell(holder)
  }

  /** @throws FolderInUseError */
  static take(folder: string, since: string): FolderLock {
    const path = join(folder, 'server.json')
    const lock = FileLock.take(join(folder, 'folder.lock'))
    if (!lock) throw new FolderInUseError(folder, readHolder(path))
    try {
      return new FolderLock(lock, path, { pid: process.pid, since, url: '' })
    } catch (error) {
      lock.release()
      throw error
    }
  }

  /** Tells where the server is reached, for whoever finds the folder in use. */
  announce(url: string): void {
    this.#tell({ ...this.#holder, url })
  }

  release(): void {
    if (!this.#lock.held) return
    rmSync(this.#path, { force: true })
    this.#lock.release()
  }

  #tell(holder: Holder): void {
    const next = `${this.#path}.next`
    writeFileSync(next, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
    renameSync(next, this.#path)
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const { pid, since, url } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>
    return pid === undefined || since === undefined ? undefined : { pid, since, url: url ?? '' }
  } catch {
    return undefined
  }
}
