import { inLanes } from './api.ts'
import { keepAlive, LoadSession } from './load-session.ts'
import type { Endpoint } from './wire-socket.ts'

const heartbeatMs = 30_000

/** W3: connections that say hello and then only beat, every 30 s. */
export class IdleLoad {
  readonly #endpoint: Endpoint
  readonly #tokens: readonly string[]
  readonly #sessions: LoadSession[] = []
  #stopBeating: () => void = () => {}
  #closed = 0

  constructor(endpoint: Endpoint, tokens: readonly string[]) {
    this.#endpoint = endpoint
    this.#tokens = tokens
  }

  /** Connections are added until there are `count`; rejects when one was lost since. */
  async grow(count: number): Promise<void> {
    const before = this.#sessions.length
    const added = await inLanes(count - before, 100, (index) =>
      LoadSession.open(
        this.#endpoint,
        { token: this.#tokens[before + index] ?? '' },
        {
          closed: () => {
            this.#closed += 1
          },
        },
      ),
    )
    this.#sessions.push(...added)
    this.#stopBeating()
    this.#stopBeating = keepAlive(this.#sessions, heartbeatMs)
    this.check()
  }

  check(): void {
    if (this.#closed > 0) throw new Error(`${this.#closed} of ${this.#sessions.length} idle connections were lost`)
  }

  close(): void {
    this.#stopBeating()
    for (const session of this.#sessions) session.close()
  }
}
