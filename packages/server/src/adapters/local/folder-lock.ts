import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Who holds a data folder. */
export interface Holder {
  pid: number
  /** When the process started, in the kernel's clock ticks since boot; '' where that is not told. */
  started: string
  /** ISO 8601. */
  since: string
  url: string
}

export class FolderInUseError extends Error {
  readonly holder

  constructor(folder: string, holder: Holder) {
    const where = holder.url === '' ? '' : ` at ${holder.url}`
    super(`${folder} is in use by a Parley server${where} (process ${holder.pid}, since ${holder.since}).`)
    this.name = 'FolderInUseError'
    this.holder = holder
  }
}

/** One server per data folder. A lock whose process is gone, or whose number another process has now, does not count. */
export class FolderLock {
  readonly #path
  readonly #holder

  private constructor(path: string, holder: Holder) {
    this.#path = path
    this.#holder = holder
  }

  /** @throws FolderInUseError */
  static take(folder: string, since: string): FolderLock {
    const path = join(folder, 'server.lock')
    const holder: Holder = { pid: process.pid, started: startOf(process.pid), since, url: '' }
    for (;;) {
      try {
        write(path, 'wx', holder)
        return new FolderLock(path, holder)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const other = read(path)
      if (other && isAlive(other)) throw new FolderInUseError(folder, other)
      rmSync(path, { force: true })
    }
  }

  /** Tells where the server is reached, for whoever finds the lock. */
  announce(url: string): void {
    write(this.#path, 'w', { ...this.#holder, url })
  }

  release(): void {
    rmSync(this.#path, { force: true })
  }
}

function write(path: string, flags: string, holder: Holder): void {
  const file = openSync(path, flags, 0o600)
  writeSync(file, `${JSON.stringify(holder)}\n`)
  closeSync(file)
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = startOf(pid)
  return started === '' || now === '' || started === now
}

/** Field 22 of /proc/PID/stat. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
