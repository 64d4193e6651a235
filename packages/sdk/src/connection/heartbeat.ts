import type { Clock, Timer } from '../lib/environment.ts'

/** Looks at a connection so many times within one heartbeat. */
const looks = 4

/**
 * Keeps a connection alive and notices when it is dead (rules Y5, K1): a ping when nothing was sent or heard for a
 * heartbeat, the end when nothing was heard for two. Counts its own looks, so that a clock that jumps ends nothing.
 */
export class Heartbeat {
  readonly #clock
  readonly #interval
  readonly #on
  #timer: Timer | undefined
  #sinceSent = 0
  #sinceHeard = 0
  #pinged = false
  #lastLook: number

  constructor(clock: Clock, heartbeat: number, on: { ping: () => void; dead: () => void }) {
    this.#clock = clock
    this.#interval = heartbeat / looks
    this.#on = on
    this.#lastLook = clock.now()
    this.#next()
  }

  sent(): void {
    this.#sinceSent = 0
  }

  heard(): void {
    this.#sinceHeard = 0
    this.#pinged = false
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #next(): void {
    this.#timer = this.#clock.after(this.#interval, () => this.#look())
  }

  #look(): void {
    const now = this.#clock.now()
    const asleep = now - this.#lastLook > 3 * looks * this.#interval
    this.#lastLook = now
    this.#sinceSent++
    this.#sinceHeard++
    // A machine that slept so long was given up by the server.
    if (asleep || this.#sinceHeard >= 2 * looks) {
      this.#on.dead()
      return
    }
    if (this.#sinceSent >= looks - 1 || (this.#sinceHeard >= looks && !this.#pinged)) {
      this.#pinged = true
      this.#sinceSent = 0
      this.#on.ping()
    }
    this.#next()
  }
}
