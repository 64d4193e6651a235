import type { Clock, Timer } from '../lib/environment.ts'

const most = 32
const longest = 50

/** Gathers acknowledgements, which are cumulative: one for 32 events, or after 50 ms. */
export class AckGatherer {
  readonly #clock
  readonly #send
  #waiting = 0
  #pos: string | undefined
  #timer: Timer | undefined

  constructor(clock: Clock, send: (pos: string) => void) {
    this.#clock = clock
    this.#send = send
  }

  /** `count` more events, up to `pos`, are stored. */
  stored(pos: string, count: number): void {
    this.#pos = pos
    this.#waiting += count
    if (this.#waiting >= most) this.flush()
    else this.#timer ??= this.#clock.after(longest, () => this.flush())
  }

  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#waiting = 0
    const pos = this.#pos
    this.#pos = undefined
    if (pos !== undefined) this.#send(pos)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#pos = undefined
  }
}
