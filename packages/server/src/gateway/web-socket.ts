import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { codecFor, limits, subprotocols } from '@parley/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Clock, sleep } from '../lib/clock.ts'
import type { Connection, ConnectionListener } from './connection.ts'
import type { TurnWriter } from './turn-writer.ts'

/** A `Connection` over a WebSocket. */
class WebSocketConnection implements Connection {
  readonly #ws
  readonly #socket
  readonly #turn

  constructor(ws: WebSocket, socket: Duplex, turn: TurnWriter) {
    this.#ws = ws
    this.#socket = socket
    this.#turn = turn
  }

  get buffered(): number {
    return this.#ws.bufferedAmount
  }

  send(data: string | Uint8Array): void {
    this.#turn.cork(this.#socket)
    this.#ws.send(data)
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
    // A peer that stopped reading would keep the close waiting.
    this.#ws.resume()
  }

  terminate(): void {
    this.#ws.terminate()
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }
}

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
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.socketMessage,
    perMessageDeflate: false,
    skipUTF8Validation: false,
    clientTracking: true,
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
    socket.on('error', () => socket.destroy())
    const path = (request.url ?? '').split('?')[0]
    if (path !== '/v1/socket') return refuse(socket, 404)
    const refused = this.#door.refuse(request)
    if (refused) return refuse(socket, refused.status, refused.headers)
    const chosen = chooseSubprotocol(request.headers['sec-websocket-protocol'])
    if (!chosen) return refuse(socket, 400)
    this.#server.handleUpgrade(request, socket, head, (ws) =>
      this.#serve(ws, socket, chosen, this.#door.address(request)),
    )
  }

  #serve(ws: WebSocket, socket: Duplex, subprotocol: string, address: string): void {
    const codec = codecFor(subprotocol)
    const listener = this.#door.accept(new WebSocketConnection(ws, socket, this.#turn), codec, address)
    const binary = subprotocol === 'parley.1.msgpack'
    ws.on('message', (data: Buffer, isBinary) => {
      this.#turn.noteFrame()
      listener.message(binary && isBinary ? data : data.toString())
    })
    ws.on('close', () => listener.closed())
    ws.on('error', () => {})
    socket.on('drain', () => listener.drained())
  }

  /** Lets no more in, waits up to `patience` ms for closing handshakes under way, and ends who is still there. */
  async close(clock: Clock, patience: number): Promise<void> {
    this.#server.close()
    const { clients } = this.#server
    for (let waited = 0; clients.size > 0 && waited < patience; waited += step) await sleep(clock, step)
    for (const ws of clients) ws.terminate()
  }
}

function refuse(socket: Duplex, status: number, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ Connection: 'close', 'Content-Length': '0', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  // A peer that never closes its half must not keep the socket.
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${refusal[status] ?? 'Error'}\r\n${lines.join('\r\n')}\r\n\r\n`)
}
