import type { Coordinator, NodeInfo, WorkerLease } from '../../cluster/coordinator.ts'

const workers = 1024

/** What the coordinators of one cluster share: the part of a real one that outlives its nodes. */
export class MemoryCluster {
  /** By worker number. */
  readonly ceilings = new Map<number, number>()
  readonly leases = new Map<number, MemoryCoordinator>()
  /** Those that are alive, in the order they came: the first one leads. */
  readonly alive = new Map<MemoryCoordinator, NodeInfo | undefined>()
}

/** A cluster inside one process, for tests, simulations and a node that keeps nothing. */
export class MemoryCoordinator implements Coordinator {
  readonly #cluster

  constructor(cluster = new MemoryCluster()) {
    this.#cluster = cluster
    cluster.alive.set(this, undefined)
  }

  nodes(): readonly NodeInfo[] {
    return [...this.#cluster.alive.values()].filter((node) => node !== undefined)
  }

  async announce(self: NodeInfo): Promise<void> {
    if (this.#cluster.alive.has(this)) this.#cluster.alive.set(this, self)
  }

  async lease(): Promise<WorkerLease> {
    const { leases, ceilings, alive } = this.#cluster
    let worker = 0
    while (leases.has(worker)) worker++
    if (worker >= workers || !alive.has(this)) throw new Error('No worker number is free.')
    leases.set(worker, this)
    const held = (): boolean => leases.get(worker) === this
    const ceiling = (): number => ceilings.get(worker) ?? 0
    return {
      worker,
      held,
      ceiling,
      raise: async (to) => {
        if (!held()) throw new Error('This lease was lost.')
        ceilings.set(worker, Math.max(ceiling(), to))
      },
    }
  }

  leads(_task: string): boolean {
    const [first] = this.#cluster.alive.keys()
    return first === this
  }

  /** The cluster takes this node for dead: its leases, and what it announced, are gone. */
  expire(): void {
    const { leases, alive } = this.#cluster
    alive.delete(this)
    for (const [worker, owner] of leases) if (owner === this) leases.delete(worker)
  }

  async close(): Promise<void> {
    this.expire()
  }
}
