import type { PushRegistration } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Push, PushProvider, PushResult } from './push-provider.ts'

/** Notifications on their way to one provider at once, and waiting for that. */
const atOnce = 256
const waitingAllowed = 512
/** Failures in a row after which the provider is left alone for a while. */
const failuresAllowed = 5
const firstPause = 1000
const longestPause = 60_000

/** `pause`: not sent, the provider is left alone for so long (ms). */
export type Sent = PushResult | { outcome: 'pause'; for: number }

/** What is sent over one way: bounded, and paused while the provider has no time or is away. */
export class ProviderWay {
  readonly #provider
  readonly #clock
  readonly #random
  #sending = 0
  #waiting: (() => void)[] = []
  #failures = 0
  /** By `monotonic`: nothing is sent until then, and then one to see. */
  #pausedUntil = 0

  constructor(provider: PushProvider, clock: Clock, random: Random) {
    this.#provider = provider
    this.#clock = clock
    this.#random = random
  }

  get isOpen(): boolean {
    return this.#failures < failuresAllowed
  }

  async send(registration: PushRegistration, push: Push): Promise<Sent> {
    const refused = this.#refusal()
    if (refused !== undefined) return { outcome: 'pause', for: refused }
    if (this.#sending >= atOnce) {
      if (this.#waiting.length >= waitingAllowed) return { outcome: 'pause', for: this.#spread(firstPause) }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
      // It may have failed while this waited.
      const late = this.#refusal()
      if (late !== undefined) {
        this.#next()
        return { outcome: 'pause', for: late }
      }
    }
    this.#sending++
    try {
      const result = await this.#provider.send(registration, push)
      this.#judge(result)
      return result
    } finally {
      this.#sending--
      this.#next()
    }
  }

  #next(): void {
    this.#waiting.shift()?.()
  }

  /** ms for which nothing may be sent; undefined: go. */
  #refusal(): number | undefined {
    const left = this.#pausedUntil - this.#clock.monotonic()
    if (left > 0) return left + this.#spread(firstPause)
    // One goes ahead after a pause, to see.
    if (!this.isOpen && this.#sending > 0) return this.#spread(firstPause)
    return undefined
  }

  #judge(result: PushResult): void {
    if (result.outcome !== 'later' || !result.slowDown) {
      this.#failures = 0
      this.#pausedUntil = 0
      return
    }
    this.#failures++
    if (this.isOpen && result.after === undefined) return
    const doubled = firstPause * 2 ** Math.min(10, Math.max(0, this.#failures - failuresAllowed))
    const pause = Math.max(result.after ?? 0, Math.min(longestPause, this.#spread(doubled)))
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + pause)
  }

  #spread(time: number): number {
    return time * (0.5 + this.#random.float())
  }
}
