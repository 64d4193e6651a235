import { join } from 'node:path'
import { DataFolder } from '../../adapters/sqlite/data-folder.ts'
import { FolderLock } from '../../adapters/sqlite/folder-lock.ts'
import { SqliteStore } from '../../adapters/sqlite/store.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Departure, MovedServer } from '../../migration/moved-server.ts'

const theOnlyFreeze = 'idle'

/** A data folder whose server does not run, and cannot be started while this has it: nothing changes. */
export class IdleServer implements MovedServer {
  readonly #lock
  readonly #store
  readonly #folder

  private constructor(lock: FolderLock, store: SqliteStore, folder: string) {
    this.#lock = lock
    this.#store = store
    this.#folder = new DataFolder(folder, store)
  }

  /** @throws FolderInUseError when its server runs */
  static async take(folder: string, clock: Clock): Promise<IdleServer> {
    const lock = FolderLock.take(folder, new Date(clock.now()).toISOString())
    try {
      const onBroken = (reason: string): never => {
        throw new Error(`The data file cannot be written: ${reason}`)
      }
      const store = await SqliteStore.open({ file: join(folder, 'parley.db'), clock, gather: 0, onBroken })
      return new IdleServer(lock, store, folder)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  watch(name: string): Promise<void> {
    return this.#folder.watch(name)
  }

  unwatch(): Promise<void> {
    return this.#folder.unwatch()
  }

  forget(upTo: number): Promise<void> {
    return this.#folder.forget(upTo)
  }

  async freeze(): Promise<string> {
    return theOnlyFreeze
  }

  async thaw(): Promise<void> {}

  async leave(_freeze: string, departure: Departure): Promise<void> {
    this.#folder.leave(departure)
  }

  async close(): Promise<void> {
    await this.#store.close()
    this.#lock.release()
  }
}
