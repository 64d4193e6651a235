import { backOff } from '../lib/back-off.ts'
import type { Clock, Random, Timer } from '../lib/environment.ts'
import type { OutboxItem } from '../store/records.ts'

export interface Waiting {
  item: OutboxItem
  /** `answered`: it leaves as soon as the answer is stored. */
  state: 'idle' | 'sent' | 'answered'
  /** It may be known to the server. */
  submitted: boolean
}

/** What is to be sent to one conversation, in order. */
export class Lane {
  readonly #clock
  readonly #random
  readonly #wake
  readonly waiting: Waiting[] = []
  #failures = 0
  #pause: { timer: Timer | undefined } | undefined

  constructor(clock: Clock, random: Random, wake: () => void) {
    this.#clock = clock
    this.#random = random
    this.#wake = wake
  }

  /**
   * The next to send now. After a retryable refusal nothing goes until everything under way is answered and the time
   * is over: then all that was refused goes again, in order (rule D3).
   */
  next(pipelined: boolean): Waiting | undefined {
    const underWay = this.waiting.some(({ state }) => state === 'sent')
    if (this.#pause) {
      if (underWay || this.#pause.timer) return undefined
      this.#pause = undefined
    }
    // After a refusal the first one alone shows whether the way is free again.
    if (underWay && (!pipelined || this.#failures > 0)) return undefined
    const first = this.waiting.findIndex(({ state }) => state === 'idle')
    const next = this.waiting[first]
    if (!next) return undefined
    // Amendments are not held by a refusal of the one before: they wait for its answer, so that the last one wins.
    const amends = next.item.kind !== 'send'
    if (amends && this.waiting.slice(0, first).some(({ item }) => item.kind !== 'send')) return undefined
    return next
  }

  /** A retryable refusal, or no answer. */
  refused(retryAfter: number | undefined): void {
    // Those behind it get the same answer: they wait with it.
    if (this.#pause) return
    this.#failures++
    const delay = retryAfter ?? backOff(this.#random, this.#failures)
    const pause: { timer: Timer | undefined } = { timer: undefined }
    this.#pause = pause
    pause.timer = this.#clock.after(delay, () => {
      pause.timer = undefined
      this.#wake()
    })
  }

  settled(waiting: Waiting): void {
    this.#failures = 0
    const index = this.waiting.indexOf(waiting)
    if (index >= 0) this.waiting.splice(index, 1)
  }

  /** The way to the server is gone: what was under way is to be sent again. */
  interrupted(): void {
    for (const waiting of this.waiting) if (waiting.state === 'sent') waiting.state = 'idle'
  }

  stop(): void {
    this.#pause?.timer?.cancel()
  }
}
