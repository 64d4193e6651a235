/** Lets so many at once do something; the others wait, first come, first served. */
export class Turns {
  #free
  #waiting: (() => void)[] = []

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
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
