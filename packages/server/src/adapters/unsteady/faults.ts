import type { Clock } from '../../lib/clock.ts'
import { unavailable } from '../../lib/errors.ts'
import type { Random } from '../../lib/random.ts'

/** Chances from 0 to 1 for each call. */
export interface FaultRates {
  /** Turns of the event loop that a call may take, before and after it is applied; calls overtake each other. */
  turns: number
  /** Rejected, never applied. */
  refused: number
  /** Applied, then rejected: the answer was lost. */
  lost: number
  /** Rejected, and applied some time later all the same. */
  late: number
  /** For each step of a call that has several: given up behind it. */
  died: number
}

export const steady: FaultRates = { turns: 0, refused: 0, lost: 0, late: 0, died: 0 }

/** Misbehaves as an engine in trouble does, the same way for the same random numbers. */
export class Faults {
  readonly #random: Random
  readonly #clock: Clock
  rates: FaultRates

  constructor(random: Random, clock: Clock, rates: FaultRates) {
    this.#random = random
    this.#clock = clock
    this.rates = rates
  }

  /** `mayBeLate`: being applied after a later call does no harm that the port does not allow. */
  async call<T>(operation: () => Promise<T>, mayBeLate: boolean): Promise<T> {
    await this.pause()
    if (this.#happens(this.rates.refused)) throw unavailable('The store did not answer (nothing was done).')
    if (mayBeLate && this.#happens(this.rates.late)) {
      void this.pause(4).then(operation).catch(ignore)
      throw unavailable('The store did not answer (it will be done).')
    }
    const result = await operation()
    await this.pause()
    if (this.#happens(this.rates.lost)) throw unavailable('The store did not answer (it was done).')
    return result
  }

  /** Between two steps of one call. @throws when the node that was at it is no more. */
  async step(): Promise<void> {
    await this.pause()
    if (this.#happens(this.rates.died)) throw unavailable('The store did not answer (half of it was done).')
  }

  async pause(factor = 1): Promise<void> {
    const turns = Math.floor(this.#random.float() * (this.rates.turns * factor + 1))
    for (let left = turns; left > 0; left--) await new Promise<void>((resolve) => this.#clock.soon(resolve))
  }

  #happens(chance: number): boolean {
    return chance > 0 && this.#random.float() < chance
  }
}

/** Nobody waits for what is applied late. */
const ignore = (): void => {}
