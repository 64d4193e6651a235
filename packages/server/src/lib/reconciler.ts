import { BackOff } from './back-off.ts'
import type { Clock, Timer } from './clock.ts'

/** Milliseconds between tries. */
const retry = { first: 50, longest: 1_000 }

/**
 * Brings about what is wanted, whatever the state it finds: runs `work` whenever it is woken, one at a time; woken while
 * it runs, once more behind it; after a failure again and again, more and more slowly, until it is woken or succeeds.
 */
export class Reconciler {
  readonly #work
  readonly #clock
  readonly #failed
  readonly #backOff = new BackOff(retry.first, retry.longest)
  #timer: Timer | undefined
  #running: Promise<void> | undefined
  #again = false
  #stopped = false

  constructor(work: () => Promise<void>, clock: Clock, failed: (error: unknown) => void = () => {}) {
    this.#work = work
    this.#clock = clock
    this.#failed = failed
  }

  wake(): void {
    if (this.#stopped) return
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#running) this.#again = true
    else this.#running = this.#run()
  }

  /** Resolves when nothing runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.cancel()
    await this.#running
  }

  async #run(): Promise<void> {
    let well = true
    do {
      this.#again = false
      try {
        await this.#work()
        well = true
      } catch (error) {
        well = false
        if (!this.#stopped) this.#failed(error)
      }
    } while (this.#again && !this.#stopped)
    this.#running = undefined
    if (well) this.#backOff.reset()
    else if (!this.#stopped) this.#timer = this.#clock.after(this.#backOff.next(), () => this.wake())
  }
}
