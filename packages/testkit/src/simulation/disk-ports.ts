import { unavailable } from '../../../server/src/lib/errors.ts'
import type { Chance } from './chance.ts'
import type { Call, Disk, Write } from './disk.ts'
import type { MachineClock } from './sim-time.ts'
import type { StoredPorts } from './store-set.ts'
import { mayBeLate, portsThrough, type StoreAccess } from './stored-ports.ts'

/** Chances from 0 to 1 for each call. */
export interface DiskTrouble {
  /** Rejected, never done. */
  refused: number
  /** Done, and rejected: the answer was lost. */
  lost: number
  /** Rejected, and done some time later. */
  late: number
  /** A flush that takes long. */
  slow: number
}

export const noTrouble: DiskTrouble = { refused: 0, lost: 0, late: 0, slow: 0 }

interface Waiting {
  write: Write
  settle: (outcome: Promise<unknown>) => void
  lost: boolean
}

/** One process's way to the disk: writes wait for a flush, and those that wait are gone when the process dies. */
export class DiskProcess implements StoreAccess {
  readonly #disk
  readonly #clock
  readonly #chance
  readonly #trouble
  /** Planted: writes are answered before they are durable. */
  readonly #hasty
  #waiting: Waiting[] = []

  constructor(disk: Disk, world: { clock: MachineClock; chance: Chance; trouble: () => DiskTrouble; hasty: boolean }) {
    this.#disk = disk
    this.#clock = world.clock
    this.#chance = world.chance
    this.#trouble = world.trouble
    this.#hasty = world.hasty
  }

  ports(): StoredPorts {
    return portsThrough(this, this.#disk)
  }

  /** Resolves when `ceiling` is durable. */
  async reserve(worker: number, ceiling: number): Promise<void> {
    await this.#pause(this.#flushTime())
    this.#disk.ceilings.set(worker, ceiling)
  }

  async read(name: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown> {
    if (this.#chance.is(0.3)) await this.#pause(this.#chance.between(0, 2))
    if (this.#chance.is(this.#trouble().refused)) throw unavailable('The store did not answer.')
    const target = this.#disk.now.ports[name]
    const result = await (Reflect.get(target, method) as Call).apply(target, args)
    if (this.#chance.is(0.1)) await this.#pause(this.#chance.between(0, 5))
    return result
  }

  async write(port: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown> {
    const { refused, lost, late } = this.#trouble()
    const write: Write = { port, method, args, at: this.#clock.now() }
    if (this.#chance.is(refused)) {
      await this.#pause(this.#chance.between(0, 20))
      throw unavailable('The store did not answer (nothing was done).')
    }
    if (mayBeLate.has(method) && this.#chance.is(late)) {
      this.#clock.after(this.#chance.between(1, 300), () => void this.#enqueue(write, false).catch(() => {}))
      throw unavailable('The store did not answer (it will be done).')
    }
    return this.#enqueue(write, this.#chance.is(lost))
  }

  #enqueue(write: Write, lost: boolean): Promise<unknown> {
    if (this.#hasty) {
      this.#clock.after(this.#flushTime() * 40, () => this.#disk.sync())
      return this.#disk.write(write)
    }
    return new Promise((resolve) => {
      this.#waiting.push({ write, settle: resolve, lost })
      if (this.#waiting.length === 1) this.#clock.after(this.#flushTime(), () => this.#flush())
    })
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const done = waiting.map((one) => ({ ...one, outcome: this.#disk.write(one.write) }))
    this.#disk.sync()
    for (const { settle, outcome, lost } of done) {
      outcome.catch(() => {})
      const answer = lost ? Promise.reject(unavailable('The store did not answer (it was done).')) : outcome
      answer.catch(() => {})
      // At once: what the process reads from now on comes to it later than this.
      settle(answer)
    }
  }

  #flushTime(): number {
    return this.#chance.is(this.#trouble().slow) ? this.#chance.between(50, 1500) : this.#chance.between(0.5, 6)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve))
  }
}
