import { MemoryCluster } from '../../../../server/src/adapters/memory/coordinator.ts'
import { MemoryLinkNetwork } from '../../../../server/src/adapters/memory/link-transport.ts'
import { MemorySessionRegistry } from '../../../../server/src/adapters/memory/session-registry.ts'
import { messagesOf } from '../../../../server/src/delivery/link-frame.ts'
import type { Chance } from '../chance.ts'
import type { Write } from '../disk.ts'
import type { DiskTrouble } from '../disk-ports.ts'
import type { Engine } from '../engines/engine.ts'
import type { EngineBug } from '../engines/engine-bug.ts'
import { enginePorts } from '../engines/engine-ports.ts'
import { type Footing, type Life, unlimited } from '../footing.ts'
import type { MachineClock, SimTime } from '../sim-time.ts'
import { GatedTransport } from './gated-transport.ts'
import { SimCoordinator } from './sim-coordinator.ts'
import { SimRegistry } from './sim-registry.ts'

/** Messages whose loss delays at most. */
const hints: ReadonlySet<string> = new Set([
  'deliver',
  'transient',
  'forget-routes',
  'presence',
  'revoked',
  'account-changed',
  'session-opened',
  'indexed',
])
/** Milliseconds without a sign of life until the others are told that a process is gone. */
const sessionTimeout = 3000
const usualDelay = 2

export type Place = Write['port'] | 'sessions'

/** Some of the engines are in trouble, for all nodes or for one. */
export interface Outage {
  rates: DiskTrouble
  places: ReadonlySet<Place>
  worker: number | undefined
}

interface Process {
  coordinator: SimCoordinator
  clock: MachineClock
}

/** What the nodes of a simulated cluster share: engines, who is alive, who is where, and the links. */
export class SimCluster {
  readonly links
  readonly engine
  /** Chance from 0 to 1 that a hint to another node gets lost without a trace. */
  lost = 0
  /** Planted: messages that always get lost. */
  losing: ReadonlySet<string> = new Set()
  /** Planted: what nodes do wrong. */
  bug: EngineBug = {}
  outage: Outage | undefined
  /** Milliseconds one way, longest but for a few. */
  #delay = usualDelay
  readonly #coordination = new MemoryCluster()
  #sessions
  readonly #time
  readonly #chance
  readonly #trouble
  /** By the id of the process. */
  readonly #alive = new Map<string, Process>()

  constructor(
    engine: Engine,
    /** `trouble`: that all engines are in. */
    world: { time: SimTime; chance: Chance; trouble: () => DiskTrouble },
  ) {
    const { time, chance, trouble } = world
    const clock = time.machine()
    this.engine = engine
    this.#time = time
    this.#chance = chance
    this.#trouble = trouble
    this.#sessions = new MemorySessionRegistry(clock)
    this.links = new MemoryLinkNetwork(clock)
    this.links.delay = () => (chance.is(0.02) ? chance.between(1, 300) : chance.between(0.1, this.#delay))
    // Wires keep order and lose nothing while they are open; hints may be lost in any way.
    this.links.carries = (_from, _to, bytes) => this.#carries(bytes)
  }

  get ids(): string[] {
    return [...this.#alive.keys()]
  }

  /** A process begins to be one of the nodes. */
  join({ id, worker, url, clock, chance }: Life): Footing {
    const time = this.#time
    const trouble = (place: Place): DiskTrouble => this.#troubleAt(place, worker)
    const coordinator = new SimCoordinator(this.#coordination, clock, chance.fork())
    const registry = { clock, time, chance: chance.fork(), trouble: () => trouble('sessions') }
    this.#alive.set(id, { coordinator, clock })
    return {
      ports: {
        ...enginePorts(this.engine, { node: id, clock, time, chance: chance.fork(), trouble, bug: this.bug }),
        limiter: unlimited,
        lease: coordinator.leaseNow(),
      },
      cluster: {
        id,
        roles: ['chat', 'api', 'janitor'],
        link: () => url,
        coordinator,
        sessions: new SimRegistry(() => this.#sessions, registry),
        transport: new GatedTransport(this.links, id, clock),
      },
    }
  }

  /** The process is gone; unless it said so itself the others learn it late. */
  leave(id: string, how: 'told' | 'untold' | 'orderly'): void {
    const coordinator = this.#alive.get(id)?.coordinator
    this.#alive.delete(id)
    this.links.kill(id, how !== 'untold')
    if (how === 'orderly') coordinator?.expire()
    else this.#time.after(sessionTimeout, () => coordinator?.expire())
  }

  /** The process says nothing for `ms`. */
  paused(id: string, ms: number): void {
    if (ms > sessionTimeout) this.#time.after(sessionTimeout, () => this.expire(id))
  }

  /** Its session with the coordinator is over, whatever it does; it begins another one when it hears of that. */
  expire(id: string): void {
    const process = this.#alive.get(id)
    if (!process || process.coordinator.isOver) return
    process.coordinator.expire()
    process.clock.after(this.#chance.between(50, 2000), () => process.coordinator.rejoin())
  }

  /** Two nodes cannot reach each other for `ms`. */
  cut(a: string, b: string, ms: number): void {
    this.links.cut(a, b)
    this.#time.after(ms, () => this.links.heal(a, b))
  }

  /** Everything takes long between nodes for `ms`. */
  slowTo(delay: number, ms: number): void {
    this.#delay = delay
    this.#time.after(ms, () => {
      this.#delay = usualDelay
    })
  }

  /** Everything that the session registry knew is lost. */
  forgetSessions(): void {
    this.#sessions = new MemorySessionRegistry(this.#time.machine())
  }

  #troubleAt(place: Place, worker: number): DiskTrouble {
    const { outage } = this
    if (!outage?.places.has(place)) return this.#trouble()
    return outage.worker === undefined || outage.worker === worker ? outage.rates : this.#trouble()
  }

  #carries(bytes: Uint8Array): boolean {
    const topics = [...messagesOf(bytes)].map(([topic]) => topic)
    if (topics.some((topic) => this.losing.has(topic))) return false
    return this.lost === 0 || !this.#chance.is(this.lost) || topics.some((topic) => !hints.has(topic))
  }
}
