import { unavailable } from '../../../../server/src/lib/errors.ts'
import type { Chance } from '../chance.ts'
import type { Call, Write } from '../disk.ts'
import type { DiskTrouble } from '../disk-ports.ts'
import type { MachineClock, SimTime } from '../sim-time.ts'
import type { StoredPorts, StoreSet } from '../store-set.ts'
import { mayBeLate, portsThrough, type StoreAccess } from '../stored-ports.ts'
import type { Engine } from './engine.ts'

/** Writes that put rows on queues. */
const placing: ReadonlySet<string> = new Set(['put', 'saveSettings', 'saveReadMark', 'hide', 'save'])
/** Longest that a write is under way which was given up, ms. */
const longestLate = 3000

export interface LineWorld {
  clock: MachineClock
  time: SimTime
  chance: Chance
  /** How the engine behind a port is. */
  trouble: (port: Write['port']) => DiskTrouble
  /** µs: behind all that this node took before. @throws while its clock is not trusted */
  takeTime: () => number
  /** Makes the rows of this process unlike all others. */
  writer: string
}

/** One process's way to the engines. What is under way when the process dies may arrive all the same. */
export class EngineLine implements StoreAccess {
  readonly #engine
  readonly #world

  constructor(engine: Engine, world: LineWorld) {
    this.#engine = engine
    this.#world = world
  }

  ports(): StoredPorts {
    return portsThrough(this, this.#engine.disk)
  }

  read(port: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown> {
    return this.ask(port, ({ ports }) => {
      const target = ports[port]
      return (Reflect.get(target, method) as Call).apply(target, args)
    })
  }

  async ask<T>(port: Write['port'], look: (set: StoreSet) => T | Promise<T>): Promise<T> {
    const { chance, trouble } = this.#world
    if (chance.is(0.3)) await this.#pause(chance.between(0, 2))
    if (chance.is(trouble(port).refused)) throw unavailable('The store did not answer.')
    const found = await look(this.#engine.disk.now)
    if (chance.is(0.1)) await this.#pause(chance.between(0, 5))
    return found
  }

  async write(port: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown> {
    const write: Write = { port, method, args, at: this.#world.clock.now() }
    if (placing.has(method)) write.rows = { time: this.#world.takeTime(), writer: this.#world.writer }
    return this.send(write, { late: mayBeLate.has(method) })
  }

  /** `late`: it may be done after it was given up. `slow`: ms that it is under way besides. */
  async send(write: Write, { late: mayLate, slow = 0 }: { late: boolean; slow?: number }): Promise<unknown> {
    const { chance, time, clock, trouble } = this.#world
    const { refused, lost, late } = trouble(write.port)
    if (chance.is(refused)) {
      await this.#pause(chance.between(0, 20))
      throw unavailable('The store did not answer (nothing was done).')
    }
    const isLate = mayLate && chance.is(late)
    const isGivenUp = isLate || chance.is(lost)
    const way = isLate ? chance.between(1, longestLate) : this.#way() + slow
    return new Promise((resolve, reject) => {
      time.after(way, () => {
        if (clock.isStopped && chance.is(0.5)) return
        this.#engine.arrive(write, (outcome) => {
          outcome.catch(() => {})
          if (!isGivenUp) clock.after(this.#way(), () => resolve(outcome))
        })
      })
      if (isGivenUp) clock.after(chance.between(1, 800), () => reject(unavailable('The store did not answer.')))
    })
  }

  #way(): number {
    const { chance } = this.#world
    return chance.is(0.3) ? chance.between(0, 2) : 0
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#world.clock.after(ms, resolve))
  }
}
