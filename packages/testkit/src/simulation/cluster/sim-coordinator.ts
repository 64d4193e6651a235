import { type MemoryCluster, MemoryCoordinator } from '../../../../server/src/adapters/memory/coordinator.ts'
import type { Coordinator, NodeInfo, WorkerLease } from '../../../../server/src/cluster/coordinator.ts'
import { unavailable } from '../../../../server/src/lib/errors.ts'
import type { Chance } from '../chance.ts'
import type { MachineClock } from '../sim-time.ts'

/** One process's session with the coordination service: what it hears is some time old, and the session may expire. */
export class SimCoordinator implements Coordinator {
  readonly #inner
  readonly #clock
  readonly #chance
  #isOver = false
  #seen: readonly NodeInfo[] = []
  #listeners = new Set<() => void>()
  #lease: WorkerLease | undefined

  constructor(cluster: MemoryCluster, clock: MachineClock, chance: Chance) {
    this.#inner = new MemoryCoordinator(cluster)
    this.#clock = clock
    this.#chance = chance
    this.#inner.onChange(() => this.#clock.after(this.#way(), () => this.#look()))
    this.#look()
  }

  nodes(): readonly NodeInfo[] {
    return this.#seen
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async announce(self: NodeInfo): Promise<void> {
    await this.#pause()
    await this.#inner.announce(self)
  }

  /** Held once the first number was taken. */
  leaseNow(): WorkerLease {
    void this.#inner.lease().then((lease) => {
      this.#lease = lease
    })
    const raise = async (ceiling: number): Promise<void> => {
      await this.#pause()
      if (!this.#lease) throw unavailable('This node has no worker number yet.')
      if (this.#isOver) throw unavailable('The coordinator is away.')
      await this.#lease.raise(ceiling)
      await this.#pause()
    }
    const taken = (): WorkerLease | undefined => this.#lease
    return {
      get worker() {
        return taken()?.worker ?? 0
      },
      reserve: 6000,
      held: () => taken()?.held() ?? false,
      floor: () => taken()?.floor() ?? 0,
      ceiling: () => taken()?.ceiling() ?? 0,
      raise,
    }
  }

  async lease(): Promise<WorkerLease> {
    return this.leaseNow()
  }

  leads(task: string): boolean {
    return !this.#isOver && this.#inner.leads(task)
  }

  async close(): Promise<void> {
    this.expire()
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** The others take this process for dead. */
  expire(): void {
    this.#isOver = true
    this.#inner.expire()
  }

  /** A new session. */
  rejoin(): void {
    this.#isOver = false
    this.#inner.rejoin()
    this.#look()
  }

  #look(): void {
    if (this.#isOver) return
    this.#seen = this.#inner.nodes()
    for (const listener of [...this.#listeners]) listener()
  }

  #way(): number {
    return this.#chance.is(0.05) ? this.#chance.between(20, 1500) : this.#chance.between(0.5, 10)
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.after(this.#way(), resolve))
  }
}
