import { unavailable } from './errors.ts'

/** Lets so many at once do something; the others wait, first come, first served. */
export class Turns {
  #free
  readonly #capacity
  #waiting: (() => void)[] = []

  /** Beyond `capacity` that wait, everybody else is refused. */
  constructor(atOnce: number, capacity = Number.POSITIVE_INFINITY) {
    this.#free = atOnce
    this.#capacity = capacity
  }

  /** @throws AppError `unavailable` when too many wait, and what `work` throws */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else if (this.#waiting.length >= this.#capacity) throw unavailable('Too much waits for this.')
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // A turn that somebody waits for is handed on, never free in between.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }
}
