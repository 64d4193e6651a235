import type { Clock, Timer } from '../lib/clock.ts'

const period = 5_000
const samplesKept = 13

/** How many messages this node took in since it started, and in the last minute. */
export class Traffic {
  readonly #messages
  readonly #clock
  /** Oldest first, a period apart. */
  #samples: number[] = [0]
  #timer: Timer | undefined

  constructor(messages: () => number, clock: Clock) {
    this.#messages = messages
    this.#clock = clock
  }

  start(): void {
    this.#samples = [this.#messages()]
    this.#timer = this.#clock.every(period, () => {
      this.#samples = [...this.#samples, this.#messages()].slice(-samplesKept)
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }

  now(): { messages: number; perMinute: number } {
    const messages = this.#messages()
    return { messages, perMinute: messages - (this.#samples[0] ?? 0) }
  }
}
