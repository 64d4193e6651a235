import { unavailable } from '../../../server/src/lib/errors.ts'
import type { Chance } from './chance.ts'
import type { Call, Disk, Write } from './disk.ts'
import type { MachineClock } from './sim-time.ts'
import type { StoredPorts } from './store-set.ts'

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

const pure = new Set(['follows', 'compare', 'isPosition'])
/** Writes by port. The rest only reads. */
const writes: { [Port in keyof StoredPorts]: ReadonlySet<string> } = {
  accounts: new Set(['create', 'createAll', 'change', 'erase']),
  devices: new Set(['add', 'addAll', 'remove', 'seen']),
  blocks: new Set(['add', 'remove']),
  revocations: new Set(['trim']),
  log: new Set(['append', 'complete', 'completeLeft', 'trimSends']),
  queue: new Set(['put', 'saveCursors', 'removeCursor', 'trim']),
  conversations: new Set(['createDirect', 'saveSettings', 'saveReadMark', 'hide']),
  receipts: new Set(['save']),
  presence: new Set(['saveLastOnline', 'saveStatus', 'dropNode']),
  search: new Set(['index']),
}
/**
 * Writes that may take effect behind later ones: they only move forward. No append is among them: one process knows
 * what its disk has, and its view of a conversation is as new as that.
 */
const mayBeLate = new Set(['saveCursors', 'saveReadMark', 'saveLastOnline'])

interface Waiting {
  write: Write
  settle: (outcome: Promise<unknown>) => void
  lost: boolean
}

/** One process's way to the disk: writes wait for a flush, and those that wait are gone when the process dies. */
export class DiskProcess {
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
    const names = Object.keys(writes) as (keyof StoredPorts)[]
    return Object.fromEntries(names.map((name) => [name, this.#port(name)])) as unknown as StoredPorts
  }

  /** Resolves when `ceiling` is durable. */
  async reserve(worker: number, ceiling: number): Promise<void> {
    await this.#pause(this.#flushTime())
    this.#disk.ceilings.set(worker, ceiling)
  }

  #port(name: keyof StoredPorts): object {
    return new Proxy(
      {},
      {
        get: (_, method) => {
          const target = this.#disk.now.ports[name]
          const value: unknown = Reflect.get(target, method)
          if (typeof value !== 'function' || typeof method !== 'string') return value
          if (pure.has(method)) return value.bind(target)
          if (writes[name].has(method)) return (...args: unknown[]) => this.#write(name, method, args)
          return (...args: unknown[]) => this.#read(name, method, args)
        },
      },
    )
  }

  async #read(name: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown> {
    if (this.#chance.is(0.3)) await this.#pause(this.#chance.between(0, 2))
    if (this.#chance.is(this.#trouble().refused)) throw unavailable('The store did not answer.')
    const target = this.#disk.now.ports[name]
    const result = await (Reflect.get(target, method) as Call).apply(target, args)
    if (this.#chance.is(0.1)) await this.#pause(this.#chance.between(0, 5))
    return result
  }

  async #write(port: keyof StoredPorts, method: string, args: unknown[]): Promise<unknown> {
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
