import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Coordinator, NodeInfo, WorkerLease } from '../../cluster/coordinator.ts'

/** A cluster of one: worker 0, whose ceiling is a file in the data folder. */
export class LocalCoordinator implements Coordinator {
  readonly #lease
  #self: NodeInfo[] = []
  #listeners = new Set<() => void>()

  /** @throws when the file holds no time: going on could make ids twice */
  constructor(folder: string) {
    this.#lease = new FileLease(join(folder, 'id-ceiling'))
  }

  nodes(): readonly NodeInfo[] {
    return this.#self
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async announce(self: NodeInfo): Promise<void> {
    this.#self = [self]
    for (const listener of this.#listeners) listener()
  }

  async lease(): Promise<WorkerLease> {
    return this.#lease
  }

  leads(): boolean {
    return true
  }

  async close(): Promise<void> {}
}

class FileLease implements WorkerLease {
  readonly worker = 0
  readonly reserve = 3_000
  readonly #path
  /** Those that this process follows ended here. */
  readonly #floor
  #ceiling: number
  #raising: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
    this.#ceiling = readCeiling(path)
    this.#floor = this.#ceiling
  }

  floor(): number {
    return this.#floor
  }

  ceiling(): number {
    return this.#ceiling
  }

  /** One after the other: two writers of one file would tear it. */
  raise(ceiling: number): Promise<void> {
    const raised = this.#raising.then(async () => {
      if (ceiling <= this.#ceiling) return
      await replace(this.#path, `${ceiling}\n`)
      this.#ceiling = ceiling
    })
    this.#raising = raised.catch(() => {})
    return raised
  }

  held(): boolean {
    return true
  }
}

/** The file holds the old text or the new one, whenever the power goes; the new one when this resolves. */
async function replace(path: string, text: string): Promise<void> {
  const next = `${path}.next`
  const file = await open(next, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
  // Windows has no handles of folders to flush.
  if (process.platform === 'win32') return
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function readCeiling(path: string): number {
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Error(`${path} is damaged: it holds no time. Write the present time in ms into it, or a later one.`)
}
