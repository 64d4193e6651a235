import type { NodeInfo } from '../../cluster/coordinator.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/logger.ts'
import { Reconciler } from '../../lib/reconciler.ts'
import type { ZooKeeperConnection } from './connection.ts'
import { parseStatus } from './status-text.ts'

/** The nodes that are alive: the last known list while there is no connection. */
export class NodeList {
  readonly #connection
  readonly #folder
  readonly #reading
  /** By name in the tree; what was not readable is left out of the list. */
  #known = new Map<string, NodeInfo | undefined>()
  #changed = new Set<string>()
  #watches = new Map<string, () => void>()
  #list: readonly NodeInfo[] = []
  #listeners = new Set<() => void>()

  constructor(connection: ZooKeeperConnection, folder: string, clock: Clock, logger: Logger) {
    this.#connection = connection
    this.#folder = folder
    this.#reading = new Reconciler(() => this.#read(), clock)
    connection.onReady(() => {
      // What was changed while there was no connection, nobody told.
      for (const name of this.#known.keys()) this.#changed.add(name)
      this.#reading.wake()
    })
    this.onChange(() => logger.debug({ nodes: this.#list.map(({ id }) => id) }, 'the nodes changed'))
  }

  get list(): readonly NodeInfo[] {
    return this.#list
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  stop(): Promise<void> {
    return this.#reading.stop()
  }

  async #read(): Promise<void> {
    const names = await this.#connection.read((client) => client.children(this.#folder, this.#come))
    const there = new Set(names)
    for (const name of [...this.#known.keys()].filter((known) => !there.has(known))) this.#forget(name)
    await Promise.all(names.filter((name) => !this.#known.has(name) || this.#changed.has(name)).map(this.#readOne))
    this.#publish()
  }

  /** One function for each watch: the driver keeps the same one only once. */
  readonly #come = (): void => this.#reading.wake()

  readonly #readOne = async (name: string): Promise<void> => {
    this.#changed.delete(name)
    try {
      const node = await this.#connection.read((client) => client.get(`${this.#folder}/${name}`, this.#watchOf(name)))
      if (node) this.#known.set(name, parseStatus(name, node.data))
      else this.#forget(name)
    } catch (error) {
      this.#changed.add(name)
      throw error
    }
  }

  #watchOf(name: string): () => void {
    const known = this.#watches.get(name)
    if (known) return known
    const watch = (): void => {
      // It may come before the answer that it was asked with has been taken in.
      if (this.#watches.get(name) !== watch) return
      this.#changed.add(name)
      this.#reading.wake()
    }
    this.#watches.set(name, watch)
    return watch
  }

  #forget(name: string): void {
    this.#known.delete(name)
    this.#changed.delete(name)
    this.#watches.delete(name)
  }

  #publish(): void {
    const list = [...this.#known.values()].filter((node) => node !== undefined)
    list.sort((a, b) => (a.id < b.id ? -1 : 1))
    if (JSON.stringify(list) === JSON.stringify(this.#list)) return
    this.#list = list
    for (const listener of [...this.#listeners]) listener()
  }
}
