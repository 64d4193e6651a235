import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder for files that are needed for a moment. */
export class Scratch {
  readonly #root

  constructor(root: string) {
    this.#root = root
  }

  /** The folder is gone when `work` is done. */
  async use<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(this.#root, 'media-'))
    try {
      return await work(folder)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}
