import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Departure } from '../../migration/moved-server.ts'
import { trimStatement, unwatchStatements, watchStatements } from './changes.ts'
import type { SqliteStore } from './store.ts'

const fileName = 'moved.json'

/** The data of a folder is elsewhere. */
export class FolderMovedError extends Error {
  constructor(folder: string, { at, to, nodes }: Departure) {
    const where = nodes.length > 0 ? ` Its nodes were ${nodes.map(({ url }) => url).join(', ')}.` : ''
    super(
      `The data of ${folder} was moved to ${to} on ${new Date(at).toISOString()}: start nodes with that configuration.${where}`,
    )
    this.name = 'FolderMovedError'
  }
}

/** undefined: the data is here. */
export function departureOf(folder: string): Departure | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as Departure
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A data folder that this process has, as somebody moves it. */
export class DataFolder {
  readonly path
  readonly #store

  constructor(path: string, store: SqliteStore) {
    this.path = path
    this.#store = store
  }

  async watch(name: string): Promise<void> {
    await this.#store.writeThrough(true)
    await this.#store.store(watchStatements(name))
  }

  async unwatch(): Promise<void> {
    await this.#store.store(unwatchStatements())
    await this.#store.writeThrough(false)
  }

  async forget(upTo: number): Promise<void> {
    await this.#store.store([trimStatement(upTo)])
  }

  freeze(): Promise<void> {
    return this.#store.freeze()
  }

  thaw(): void {
    this.#store.thaw()
  }

  /** What waits to be written is refused. */
  abandon(): void {
    this.#store.abandon()
  }

  /** On the disk when it returns, whole or not at all. */
  leave(departure: Departure): void {
    const path = join(this.path, fileName)
    const file = openSync(`${path}.new`, 'w', 0o600)
    writeSync(file, `${JSON.stringify(departure)}\n`)
    fsyncSync(file)
    closeSync(file)
    renameSync(`${path}.new`, path)
    flushFolder(this.path)
  }
}

/** Windows has no handles of folders to flush. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
