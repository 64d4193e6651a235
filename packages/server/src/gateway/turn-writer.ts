import type { Duplex } from 'node:stream'
import type { Clock } from '../lib/clock.ts'

/** Gathers what is written to sockets in one turn of the event loop, so that each leaves in one system call. */
export class TurnWriter {
  readonly #clock
  readonly #pass
  #corked: Duplex[] = []

  /** `pass` is told before and after what was gathered leaves, for tests that end the process there. */
  constructor(clock: Clock, pass: (point: 'before-answer' | 'after-answer') => void = () => {}) {
    this.#clock = clock
    this.#pass = pass
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
    this.#pass('before-answer')
    for (const socket of corked) socket.uncork()
    this.#pass('after-answer')
  }
}
