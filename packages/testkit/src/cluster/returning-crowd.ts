import WebSocket from 'ws'
import type { CrowdUser } from '../crowd.ts'
import { RawApi } from '../raw-api.ts'

/** Milliseconds of the first back-off (rule K3): the client waits a random part of it, then of twice it. */
const firstBackOff = 500
const longestBackOff = 5000

/** A device that is connected for as long as there is a node: it knows some addresses, and asks where to go. */
class ReturningClient {
  readonly #user
  readonly #gateways
  #avoid: string | undefined
  #cursor: string | null = null
  #socket: WebSocket | undefined
  #url = ''
  #closed = false
  #live = false
  /** When it was live again after it had lost its node, by `performance.now()`. */
  liveAt = 0

  constructor(user: CrowdUser, gateways: () => readonly string[]) {
    this.#user = user
    this.#gateways = gateways
  }

  get live(): boolean {
    return this.#live
  }

  /** The node it is connected to. */
  get url(): string {
    return this.#url
  }

  async run(): Promise<void> {
    for (let failures = 0; !this.#closed; failures++) {
      try {
        await this.#connected(() => {
          failures = 0
        })
      } catch {
        // That node is gone: the next one is asked.
      }
      this.#live = false
      if (this.#closed) return
      const wait = Math.random() * Math.min(longestBackOff, firstBackOff * 2 ** failures)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }

  close(): void {
    this.#closed = true
    this.#socket?.terminate()
  }

  /** Asks one address after the other, beginning anywhere. */
  async #allocate(): Promise<{ url: string; ticket: string }> {
    const gateways = this.#gateways()
    const first = Math.floor(Math.random() * gateways.length)
    const body = this.#avoid === undefined ? {} : { avoid: this.#avoid }
    let failure: unknown
    for (let index = 0; index < gateways.length; index++) {
      const api = new RawApi(gateways[(first + index) % gateways.length] as string, this.#user.token)
      try {
        return await api.call('POST', '/v1/connect', body)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }

  async #connected(onLive: () => void): Promise<void> {
    const { url, ticket } = await this.#allocate()
    this.#url = url
    this.#avoid = url
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/socket`, {
      perMessageDeflate: false,
      handshakeTimeout: 3000,
    })
    this.#socket = socket
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => socket.send(JSON.stringify({ t: 'hello', ticket, cursor: this.#cursor })))
      socket.on('message', (data) => {
        for (const frame of [JSON.parse(String(data))].flat()) {
          if (frame.t === 'welcome') this.#cursor ??= frame.cursor
          if (frame.t === 'live') {
            this.#live = true
            this.#avoid = undefined
            this.liveAt = performance.now()
            onLive()
          }
        }
      })
      socket.once('error', reject)
      socket.once('close', () => resolve())
    })
  }
}

/** Many devices that always come back. */
export class ReturningCrowd {
  readonly #clients: ReturningClient[]

  /** `gateways`: addresses that they know; asked at each attempt. */
  constructor(users: readonly CrowdUser[], gateways: () => readonly string[]) {
    this.#clients = users.map((user) => new ReturningClient(user, gateways))
  }

  /** Resolves when all are live. */
  async enter(): Promise<void> {
    for (const client of this.#clients) {
      void client.run()
      // About 200 a second: no storm of its own.
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await this.allLive(120_000)
  }

  on(url: string): number {
    return this.#clients.filter((client) => client.live && client.url === url).length
  }

  /**
   * Runs `kill`, which ends the node at `url`. @returns milliseconds until each of those who were there was live
   * elsewhere, ascending
   */
  async displaced(url: string, kill: () => Promise<void>): Promise<number[]> {
    const lost = this.#clients.filter((client) => client.live && client.url === url)
    const killedAt = performance.now()
    await kill()
    await this.allLive(60_000, killedAt, lost)
    return lost.map(({ liveAt }) => liveAt - killedAt).sort((a, b) => a - b)
  }

  async allLive(patience: number, since = 0, clients = this.#clients): Promise<void> {
    const deadline = performance.now() + patience
    const away = () => clients.filter((client) => !client.live || client.liveAt < since)
    while (away().length > 0) {
      if (performance.now() > deadline) throw new Error(`${away().length} of ${clients.length} did not come back`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  close(): void {
    for (const client of this.#clients) client.close()
  }
}
