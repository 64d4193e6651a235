import type { Coordinator, NodeInfo, WorkerLease } from '../../cluster/coordinator.ts'
import { unavailable } from '../../lib/errors.ts'

const workers = 1024

interface Ceiling {
  at: number
  /** Whose ids it bounds. */
  of: MemoryCoordinator
}

/** What the coordinators of one cluster share: the part of a real one that outlives its nodes. */
export class MemoryCluster {
  /** By worker number. */
  readonly ceilings = new Map<number, Ceiling>()
  readonly leases = new Map<number, MemoryCoordinator>()
  /** Those that are alive, in the order they came: the first one leads. */
  readonly alive = new Map<MemoryCoordinator, NodeInfo | undefined>()
  readonly #listeners = new Set<() => void>()

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** A cluster inside one process, for tests, simulations and a node that keeps nothing. */
export class MemoryCoordinator implements Coordinator {
  readonly #cluster
  readonly #lease
  #self: NodeInfo | undefined
  #hasLease = false

  constructor(cluster = new MemoryCluster()) {
    this.#cluster = cluster
    this.#lease = new MemoryLease(this, cluster)
    cluster.alive.set(this, undefined)
  }

  nodes(): readonly NodeInfo[] {
    return [...this.#cluster.alive.values()].filter((node) => node !== undefined)
  }

  onChange(listener: () => void): () => void {
    return this.#cluster.onChange(listener)
  }

  async announce(self: NodeInfo): Promise<void> {
    this.#self = self
    if (!this.#cluster.alive.has(this)) throw unavailable('The cluster does not know this node.')
    this.#cluster.alive.set(this, self)
    this.#cluster.changed()
  }

  async lease(): Promise<WorkerLease> {
    if (!this.#hasLease) this.#lease.take()
    this.#hasLease = true
    return this.#lease
  }

  leads(_task: string): boolean {
    const [first] = this.#cluster.alive.keys()
    return first === this
  }

  /** The cluster takes this node for dead: its lease, and what it announced, are gone until `rejoin`. */
  expire(): void {
    const { leases, alive } = this.#cluster
    for (const [worker, owner] of leases) if (owner === this) leases.delete(worker)
    if (alive.delete(this)) this.#cluster.changed()
  }

  /** What a real coordinator does by itself after its session expired. */
  rejoin(): void {
    this.#cluster.alive.set(this, this.#self)
    if (this.#hasLease) this.#lease.take()
    this.#cluster.changed()
  }

  async close(): Promise<void> {
    this.expire()
  }
}

class MemoryLease implements WorkerLease {
  readonly reserve = 3_000
  readonly #owner
  readonly #cluster
  #worker = 0
  #floor = 0

  constructor(owner: MemoryCoordinator, cluster: MemoryCluster) {
    this.#owner = owner
    this.#cluster = cluster
  }

  get worker(): number {
    return this.#worker
  }

  held(): boolean {
    return this.#cluster.leases.get(this.#worker) === this.#owner
  }

  floor(): number {
    return this.#floor
  }

  ceiling(): number {
    return this.#cluster.ceilings.get(this.#worker)?.at ?? 0
  }

  async raise(ceiling: number): Promise<void> {
    if (!this.held()) throw unavailable('This node has lost its worker number.')
    this.#cluster.ceilings.set(this.#worker, { at: Math.max(this.ceiling(), ceiling), of: this.#owner })
  }

  take(): void {
    const { leases, ceilings, alive } = this.#cluster
    let worker = 0
    while (leases.has(worker)) worker++
    if (worker >= workers || !alive.has(this.#owner)) throw unavailable('No worker number is free.')
    leases.set(worker, this.#owner)
    const ceiling = ceilings.get(worker)
    // Below its own ceiling nobody else made any.
    if (worker !== this.#worker || ceiling?.of !== this.#owner) this.#floor = ceiling?.at ?? 0
    this.#worker = worker
  }
}
