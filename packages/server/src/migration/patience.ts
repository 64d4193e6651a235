import type { MarkStore } from '../cluster/mark-store.ts'
import { BackOff } from '../lib/back-off.ts'
import { type Clock, sleep } from '../lib/clock.ts'
import { AppError } from '../lib/errors.ts'
import type { Move } from './move.ts'

const pauses = { first: 100, longest: 10_000 }
/** So often something is tried before it is given up: about five minutes. */
const tries = 35

/** Engines may be away for a while: what is not urgent is tried again. Everything here may be done twice. */
export class Patience {
  /** What fails now fails. */
  urgent = false
  readonly #clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    const pause = new BackOff(pauses.first, pauses.longest)
    for (let left = tries; ; left--) {
      try {
        return await work()
      } catch (error) {
        const isAway = error instanceof AppError && error.code === 'unavailable'
        if (!isAway || this.urgent || left === 0) throw error
      }
      await sleep(this.#clock, pause.next())
    }
  }

  move(move: Move): Move {
    return {
      kind: move.kind,
      keysAre: move.keysAre,
      page: (after, limit) => this.take(() => move.page(after, limit)),
      copy: (keys) => this.take(() => move.copy(keys)),
      compare: (keys, extent) => this.take(() => move.compare(keys, extent)),
    }
  }

  marks(marks: MarkStore): MarkStore {
    return {
      get: (name) => this.take(() => marks.get(name)),
      set: (name, value) => this.take(() => marks.set(name, value)),
    }
  }
}
