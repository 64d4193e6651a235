import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { MarkStore } from '../../cluster/mark-store.ts'
import { problemOf, retryAfterSeconds } from '../../gateway/http/problem.ts'
import type { Clock, Timer } from '../../lib/clock.ts'
import { unavailable } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { readMoveState } from '../../migration/move-state.ts'

/** ms between two looks whether the stores are complete. */
const period = 200
const ownPaths = new Set(['/healthz', '/readyz', '/metrics'])
const closed = unavailable('This service is being moved here; it is not open yet.')

/** Nobody is served from stores that are being filled from elsewhere. */
export class Opening {
  readonly #marks
  readonly #clock
  readonly #logger
  #closed = false
  #timer: Timer | undefined

  constructor(marks: MarkStore, clock: Clock, logger: Logger) {
    this.#marks = marks
    this.#clock = clock
    this.#logger = logger
  }

  /** Why nobody is served; undefined: everybody is. */
  get trouble(): string | undefined {
    return this.#closed ? 'the data is being moved here (parley migrate)' : undefined
  }

  async look(): Promise<void> {
    this.#closed = (await readMoveState(this.#marks))?.state === 'filling'
  }

  /** Calls `run` once the stores are complete: at once, or when they are. */
  whenOpen(run: () => void): void {
    if (!this.#closed) return run()
    this.#logger.info({}, 'this node waits until the data is here')
    let looking = false
    this.#timer = this.#clock.every(period, () => {
      if (looking) return
      looking = true
      this.look()
        .then(() => {
          if (this.#closed) return
          this.stop()
          run()
        })
        .catch((error) => this.#logger.warn({ error }, 'it is not known whether the data is here'))
        .finally(() => {
          looking = false
        })
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** Who comes with a request. False: it is for the routes. */
  ahead(request: IncomingMessage, response: ServerResponse): false | Promise<boolean> {
    if (!this.#closed || ownPaths.has((request.url ?? '').split('?')[0] ?? '')) return false
    const problem = problemOf(closed)
    const headers = { 'content-type': 'application/problem+json', 'retry-after': retryAfterSeconds(1000) }
    response.writeHead(problem.status, headers).end(JSON.stringify(problem))
    return Promise.resolve(true)
  }

  /** Who comes for a socket. False: it is for the gateway. */
  aheadOfSocket(socket: Duplex): boolean {
    if (!this.#closed) return false
    socket.on('error', () => socket.destroy())
    socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    return true
  }
}
