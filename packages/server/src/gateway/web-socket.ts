import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { codecFor, limits, subprotocols } from '@parley/protocol'
import { WebSocketServer } from 'ws'
import { type Clock, sleep } from '../lib/clock.ts'
import type { Connection, ConnectionListener } from './connection.ts'
import type { TurnWriter } from './turn-writer.ts'
import { ServedSocket, WebSocketConnection } from './web-socket-connection.ts'

/** Which subprotocol to speak (rule S1): the client's first that we know; JSON when it offers none. */
function chooseSubprotocol(header: string | undefined): string | undefined {
  if (header === undefined) return subprotocols[0]
  const offers = header.split(',').map((offer) => offer.trim())
  return offers.find((offer) => (subprotocols as readonly string[]).includes(offer))
}

export interface SocketDoor {
  /** Undefined lets it in; else the HTTP status of the refusal. */
  refuse(request: IncomingMessage): { status: number; headers?: Record<string, string> } | undefined
  address(request: IncomingMessage): string
  accept(connection: Connection, codec: ReturnType<typeof codecFor>, address: string): ConnectionListener
}

/** Milliseconds between two looks at who is still there. */
const step = 50

const refusal: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

/** Turns HTTP upgrades into sessions; framing is the `ws` library's. */
export class WebSocketDoor {
  readonly #door
  readonly #turn
  readonly #open = new Set<WebSocketConnection>()
  readonly #server = new WebSocketServer({
    noServer: true,
    WebSocket: ServedSocket,
    maxPayload: limits.socketMessage,
    perMessageDeflate: false,
    skipUTF8Validation: false,
    clientTracking: false,
    maxFragments: 64,
    maxBufferedChunks: 256,
    handleProtocols: (offers) =>
      [...offers].find((offer) => (subprotocols as readonly string[]).includes(offer)) ?? false,
  })

  constructor(door: SocketDoor, turn: TurnWriter) {
    this.#door = door
    this.#turn = turn
  }

  /** The `upgrade` of an HTTP server. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', destroyIt)
    const path = (request.url ?? '').split('?')[0]
    if (path !== '/v1/socket') return refuse(socket, 404)
    const refused = this.#door.refuse(request)
    if (refused) return refuse(socket, refused.status, refused.headers)
    const chosen = chooseSubprotocol(request.headers['sec-websocket-protocol'])
    if (!chosen) return refuse(socket, 400)
    const address = this.#door.address(request)
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#serve(ws, socket, chosen, address))
  }

  #serve(ws: ServedSocket, socket: Duplex, subprotocol: string, address: string): void {
    socket.off('error', destroyIt)
    const binary = subprotocol === 'parley.1.msgpack'
    const connection = new WebSocketConnection({ ws, socket, turn: this.#turn, among: this.#open, binary })
    connection.serve(this.#door.accept(connection, codecFor(subprotocol), address))
  }

  /** Lets no more in, waits up to `patience` ms for closing handshakes under way, and ends who is still there. */
  async close(clock: Clock, patience: number): Promise<void> {
    this.#server.close()
    for (let waited = 0; this.#open.size > 0 && waited < patience; waited += step) await sleep(clock, step)
    for (const connection of this.#open) connection.terminate()
  }
}

/** One listener for all sockets: what a listener of its own can see lives as long as the socket. */
function destroyIt(this: Duplex): void {
  this.destroy()
}

function refuse(socket: Duplex, status: number, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ Connection: 'close', 'Content-Length': '0', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  // A peer that never closes its half must not keep the socket.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${refusal[status] ?? 'Error'}\r\n${lines.join('\r\n')}\r\n\r\n`)
}
