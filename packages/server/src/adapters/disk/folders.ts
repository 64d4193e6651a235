import { mkdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Where bytes lie in a media folder. */
export class Folders {
  readonly uploads
  readonly scratch
  readonly #root

  constructor(root: string) {
    this.#root = root
    this.uploads = join(root, 'uploads')
    this.scratch = join(root, 'scratch')
    for (const folder of [this.uploads, this.scratch, join(root, 'objects'), join(root, 'cold')]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    }
  }

  upload(id: string): string {
    return join(this.uploads, id)
  }

  /** Spread over folders: none of them gets too long. */
  object(key: string): string {
    return join(this.#root, 'objects', key.slice(0, 2), key)
  }

  cold(key: string): string {
    return join(this.#root, 'cold', key.slice(0, 2), `${key}.zst`)
  }
}

/** What was renamed into the folder, or out of it, stays so after a power cut. */
export async function syncFolderOf(path: string): Promise<void> {
  await syncFile(dirname(path))
}

export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'
