import type { Duplex } from 'node:stream'
import type { Clock } from '../lib/clock.ts'

/** Gathers what is written to sockets in one turn of the event loop, so that each leaves in one system call. */
export class TurnWriter {
  readonly #clock
  readonly #pass
  readonly #rest
  #corked: Duplex[] = []
  #frames = 0
  #isScheduled = false

  /**
   * `pass` is told before and after what was gathered leaves, for tests that end the process there. `rest` is called at
   * the very end of a turn in which sockets were read or written, with how much that was.
   */
  constructor(
    clock: Clock,
    pass: (point: 'before-answer' | 'after-answer') => void = () => {},
    rest: (done: number) => void = () => {},
  ) {
    this.#clock = clock
    this.#pass = pass
    this.#rest = rest
  }

  /** A frame came. */
  noteFrame(): void {
    this.#frames++
    this.#schedule()
  }

  cork(socket: Duplex): void {
    if (socket.writableCorked > 0) return
    socket.cork()
    this.#schedule()
    this.#corked.push(socket)
  }

  /** Lets what was gathered for one socket leave now; at the end of the turn it is uncorked again, which does nothing. */
  flush(socket: Duplex): void {
    if (socket.writableCorked === 0) return
    this.#pass('before-answer')
    socket.uncork()
    this.#pass('after-answer')
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#clock.soon(() => this.#end())
  }

  #end(): void {
    const [corked, frames] = [this.#corked, this.#frames]
    this.#corked = []
    this.#frames = 0
    this.#isScheduled = false
    if (corked.length > 0) {
      this.#pass('before-answer')
      for (const socket of corked) socket.uncork()
      this.#pass('after-answer')
    }
    this.#rest(frames + corked.length)
  }
}
