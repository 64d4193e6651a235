import { inLanes } from './api.ts'
import { keepAlive, LoadSession } from './load-session.ts'
import type { Endpoint } from './wire-socket.ts'

const usualHeartbeat = 30_000

/** W3: connections that say hello and then only beat, every 30 s unless it is said otherwise. */
export class IdleLoad {
  readonly #endpoint: Endpoint
  readonly #tokens: readonly string[]
  readonly #sessions: LoadSession[] = []
  readonly #stopBeating: () => void
  readonly #lost: string[] = []

  constructor(endpoint: Endpoint, tokens: readonly string[], heartbeat = usualHeartbeat) {
    this.#stopBeating = keepAlive(this.#sessions, heartbeat)
    this.#endpoint = endpoint
    this.#tokens = tokens
  }

  /** Connections are added until there are `count`; rejects when one was lost since. */
  async grow(count: number): Promise<void> {
    const before = this.#sessions.length
    await inLanes(count - before, 100, async (index) => {
      const hello = { token: this.#tokens[before + index] ?? '' }
      this.#sessions.push(await LoadSession.open(this.#endpoint, hello, { closed: (why) => this.#lost.push(why) }))
    })
    if (this.#lost.length > 0) {
      throw new Error(`${this.#lost.length} of ${this.#sessions.length} idle connections were lost: ${this.#lost[0]}`)
    }
  }

  close(): void {
    this.#stopBeating()
    for (const session of this.#sessions) session.close()
  }
}
