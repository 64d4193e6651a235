import { MemoryCluster, MemoryCoordinator } from '../../../server/src/adapters/memory/coordinator.ts'
import { MemoryLinkNetwork, MemoryLinkTransport } from '../../../server/src/adapters/memory/link-transport.ts'
import { MemorySessionRegistry } from '../../../server/src/adapters/memory/session-registry.ts'
import type { ClusterOptions } from '../../../server/src/app/cluster.ts'
import { messagesOf } from '../../../server/src/delivery/link-frame.ts'
import type { Chance } from './chance.ts'
import type { SimTime } from './sim-time.ts'

const hints = new Set([
  'deliver',
  'transient',
  'forget-routes',
  'presence',
  'revoked',
  'account-changed',
  'session-opened',
  'indexed',
])

/** Milliseconds until the others are told that a process is gone. */
const sessionTimeout = 3000

/** What the nodes of a simulated cluster share besides their disk: who is alive, who is where, and the links. */
export class SimCluster {
  readonly links
  /** Chance from 0 to 1 that a hint to another node gets lost without a trace. */
  lost = 0
  /** Milliseconds one way, longest but for a few. */
  #delay = 2
  readonly #coordination = new MemoryCluster()
  readonly #sessions
  readonly #time
  /** Ids of the processes that run. */
  readonly #alive = new Map<string, MemoryCoordinator>()

  constructor(time: SimTime, chance: Chance) {
    const clock = time.machine()
    this.#time = time
    this.#sessions = new MemorySessionRegistry(clock)
    this.links = new MemoryLinkNetwork(clock)
    this.links.delay = () => (chance.is(0.02) ? chance.between(1, 300) : chance.between(0.1, this.#delay))
    // Wires keep order and lose nothing while they are open; hints may be lost in any way.
    this.links.carries = (_from, _to, bytes) =>
      this.lost === 0 || !chance.is(this.lost) || [...messagesOf(bytes)].some(([topic]) => !hints.has(topic))
  }

  /** A process begins to be one of the nodes. */
  join(id: string, url: string): ClusterOptions {
    const coordinator = new MemoryCoordinator(this.#coordination)
    this.#alive.set(id, coordinator)
    const transport = new MemoryLinkTransport(this.links, id)
    const roles = ['chat', 'api', 'janitor']
    return { id, roles, link: () => url, coordinator, sessions: this.#sessions, transport }
  }

  /** The process is gone; unless it said so itself the others learn it late. */
  leave(id: string, how: 'told' | 'untold' | 'orderly'): void {
    const coordinator = this.#alive.get(id)
    this.#alive.delete(id)
    this.links.kill(id, how !== 'untold')
    if (how === 'orderly') coordinator?.expire()
    else this.#time.after(sessionTimeout, () => coordinator?.expire())
  }

  /** Two nodes cannot reach each other for a while. */
  cut(chance: Chance): void {
    const ids = [...this.#alive.keys()]
    const [a, b] = [chance.pick(ids), chance.pick(ids)]
    if (!a || !b || a === b) return
    this.links.cut(a, b)
    this.#time.after(chance.between(50, 6000), () => this.links.heal(a, b))
  }

  /** Everything takes long between nodes for a while. */
  slow(chance: Chance): void {
    this.#delay = chance.between(20, 400)
    this.#time.after(chance.between(500, 6000), () => {
      this.#delay = 2
    })
  }

  /** Hints get lost for a while. */
  lose(chance: Chance): void {
    this.lost = chance.between(0.05, 0.6)
    this.#time.after(chance.between(200, 5000), () => {
      this.lost = 0
    })
  }
}
