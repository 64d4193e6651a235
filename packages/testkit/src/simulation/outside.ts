import type { Fetch, Observe, OpenSocket, Socket } from '@parley/client'

/** What one run of a program has of the world, until it is cut from it: then nothing goes in or out. */
export class Outside {
  readonly #to
  #cut = false
  #sockets = new Set<Socket>()

  constructor(to: { openSocket: OpenSocket; fetch: Fetch; observe: Observe }) {
    this.#to = to
  }

  readonly openSocket: OpenSocket = (url, protocols, events) => {
    const socket = this.#to.openSocket(url, protocols, {
      open: () => this.#cut || events.open(),
      message: (data) => this.#cut || events.message(data),
      close: (code, reason) => {
        this.#sockets.delete(socket)
        if (!this.#cut) events.close(code, reason)
      },
    })
    this.#sockets.add(socket)
    return socket
  }

  readonly fetch: Fetch = async (url, init) => {
    if (this.#cut) return new Promise(() => {})
    const answer = await this.#to.fetch(url, init)
    return this.#cut ? new Promise(() => {}) : answer
  }

  readonly observe: Observe = (observed) => {
    if (!this.#cut) this.#to.observe(observed)
  }

  /** The system closes the sockets of a program that is gone. */
  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) socket.close()
  }
}
