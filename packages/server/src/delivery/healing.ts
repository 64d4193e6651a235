import type { Clock } from '../lib/clock.ts'
import type { Hub } from './hub.ts'

/** Milliseconds between two times that all sessions are woken. */
const pause = 1000
/** Users whose sessions are woken in one turn of the event loop. */
const part = 200

/** Has all sessions of this node read their queues at once, when hints for them may have been lost (rule Y5). */
export class Healing {
  readonly #hub
  readonly #clock
  #wokenAt = Number.NEGATIVE_INFINITY
  #due = false

  constructor(hub: Hub, clock: Clock) {
    this.#hub = hub
    this.#clock = clock
  }

  heal(): void {
    if (this.#due) return
    this.#due = true
    const wait = Math.max(0, this.#wokenAt + pause - this.#clock.monotonic())
    this.#clock.after(wait, () => {
      this.#due = false
      this.#wokenAt = this.#clock.monotonic()
      this.#wake([...this.#hub.users()])
    })
  }

  #wake(users: string[]): void {
    for (const user of users.splice(-part)) for (const session of this.#hub.of(user)) session.wake()
    if (users.length > 0) this.#clock.soon(() => this.#wake(users))
  }
}
