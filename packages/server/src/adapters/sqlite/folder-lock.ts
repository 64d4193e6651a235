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
 * One server per data folder. The lock is the operating system's, on an empty SQLite file: it goes with its process
 * however that ends, so there is nothing stale to judge, and it holds between containers that share the folder, whose
 * process numbers mean nothing to each other. Nobody else may open that file: a close would let go of the lock.
 */
export class FolderLock {
  readonly #database
  readonly #path
  readonly #holder

  private constructor(database: Database.Database, path: string, holder: Holder) {
    this.#database = database
    this.#path = path
    this.#holder = holder
    this.#tell(holder)
  }

  /** @throws FolderInUseError */
  static take(folder: string, since: string): FolderLock {
    const path = join(folder, 'server.json')
    const database = new Database(join(folder, 'folder.lock'), { timeout: 0 })
    try {
      database.exec('BEGIN EXCLUSIVE')
      return new FolderLock(database, path, { pid: process.pid, since, url: '' })
    } catch (error) {
      database.close()
      if ((error as { code?: string }).code === 'SQLITE_BUSY') throw new FolderInUseError(folder, readHolder(path))
      throw error
    }
  }

  /** Tells where the server is reached, for whoever finds the folder in use. */
  announce(url: string): void {
    this.#tell({ ...this.#holder, url })
  }

  release(): void {
    if (!this.#database.open) return
    rmSync(this.#path, { force: true })
    this.#database.close()
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
