import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Coordinator, NodeInfo, WorkerLease } from '../../cluster/coordinator.ts'

/** A cluster of one: worker 0, whose ceiling is a file in the data folder. */
export class LocalCoordinator implements Coordinator {
  readonly #lease
  #self: NodeInfo[] = []

  constructor(folder: string) {
    this.#lease = new FileLease(join(folder, 'id-ceiling'))
  }

  nodes(): readonly NodeInfo[] {
    return this.#self
  }

  async announce(self: NodeInfo): Promise<void> {
    this.#self = [self]
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
  readonly #path
  #ceiling: number

  constructor(path: string) {
    this.#path = path
    this.#ceiling = readCeiling(path)
  }

  ceiling(): number {
    return this.#ceiling
  }

  async raise(ceiling: number): Promise<void> {
    if (ceiling <= this.#ceiling) return
    const next = `${this.#path}.next`
    const file = await open(next, 'w', 0o600)
    await file.writeFile(`${ceiling}\n`)
    await file.sync()
    await file.close()
    await rename(next, this.#path)
    this.#ceiling = ceiling
  }

  held(): boolean {
    return true
  }
}

function readCeiling(path: string): number {
  try {
    const ceiling = Number(readFileSync(path, 'utf8').trim())
    if (!Number.isSafeInteger(ceiling)) throw new Error(`${path} is damaged: it holds no time`)
    return ceiling
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
