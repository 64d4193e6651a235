import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'

/** A limit runs in a process of its own, as a server does, and says over IPC where it listens. */
export interface LimitReady {
  port: number
}

/** Opens a bare `ws` server and reports its port. */
export function serveLimit(connected: (socket: WebSocket, raw: Duplex) => void): void {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 64 * 1024 })
  sockets.on('connection', (socket, request) => connected(socket, request.socket))
  http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
    const { port } = http.address() as AddressInfo
    process.send?.({ port } satisfies LimitReady)
  })
  process.on('disconnect', () => process.exit())
}

/** Everything written to a socket in one turn of the event loop leaves in one system call. */
export class TurnCork {
  #corked: Duplex[] = []

  cork(raw: Duplex): void {
    if (raw.writableCorked > 0) return
    raw.cork()
    if (this.#corked.push(raw) === 1) setImmediate(this.#uncork)
  }

  readonly #uncork = () => {
    const corked = this.#corked
    this.#corked = []
    for (const raw of corked) raw.uncork()
  }
}

/** Byte 6 of a frame `{"t":"…` as the load writes it: enough to tell kinds apart without parsing. */
export const frameKind = { ack: 0x61, hello: 0x68, ping: 0x70, send: 0x73 } as const

export function welcome(user: string): string {
  return JSON.stringify({
    t: 'welcome',
    session: '1',
    user,
    device: user,
    cursor: '0',
    resume: 'ok',
    heartbeat: 30_000,
    window: 256,
    time: Date.now(),
  })
}
