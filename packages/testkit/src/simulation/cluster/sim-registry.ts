import type { MemorySessionRegistry } from '../../../../server/src/adapters/memory/session-registry.ts'
import type { SessionRegistry } from '../../../../server/src/delivery/session-registry.ts'
import { unavailable } from '../../../../server/src/lib/errors.ts'
import type { Chance } from '../chance.ts'
import type { DiskTrouble } from '../disk-ports.ts'
import type { MachineClock, SimTime } from '../sim-time.ts'

/** One process's way to the session registry. What is on its way when the process dies arrives all the same. */
export class SimRegistry implements SessionRegistry {
  readonly #shared
  readonly #world
  #lastAt = 0

  constructor(
    shared: () => MemorySessionRegistry,
    world: { clock: MachineClock; time: SimTime; chance: Chance; trouble: () => DiskTrouble },
  ) {
    this.#shared = shared
    this.#world = world
  }

  add(node: string, users: readonly string[]): Promise<void> {
    return this.#call((registry) => registry.add(node, users))
  }

  remove(node: string, users: readonly string[]): Promise<void> {
    return this.#call((registry) => registry.remove(node, users))
  }

  nodesOf(users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return this.#call((registry) => registry.nodesOf(users))
  }

  dropNode(node: string): Promise<void> {
    return this.#call((registry) => registry.dropNode(node))
  }

  /** Calls arrive in the order made. */
  #call<T>(run: (registry: MemorySessionRegistry) => Promise<T>): Promise<T> {
    const { clock, time, chance, trouble } = this.#world
    const { refused, lost } = trouble()
    const way = (): number => (chance.is(0.05) ? chance.between(5, 400) : chance.between(0.1, 3))
    const isRefused = chance.is(refused)
    const isLost = chance.is(lost)
    this.#lastAt = Math.max(this.#lastAt, time.elapsed + way())
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(unavailable('The session registry did not answer.'))
      if (isRefused || isLost) clock.after(chance.between(1, 300), fail)
      if (isRefused) return
      time.after(this.#lastAt - time.elapsed, () => {
        const answer = run(this.#shared())
        if (!isLost) clock.after(way(), () => resolve(answer))
      })
    })
  }
}
