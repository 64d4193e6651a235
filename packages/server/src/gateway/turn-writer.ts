import type { Duplex } from 'node:stream'
import type { Clock } from '../lib/clock.ts'

/** Gathers what is written to sockets in one turn of the event loop, so that each leaves in one system call. */
export class TurnWriter {
  readonly #clock
  #corked: Duplex[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  cork(socket: Duplex): void {
    if (socket.writableCorked > 0) return
    socket.cork()
    if (this.#corked.length === 0) this.#clock.soon(() => this.#flush())
    this.#corked.push(socket)
  }

  #flush(): void {
    const corked = this.#corked
    this.#corked = []
    for (const socket of corked) socket.uncork()
  }
}
