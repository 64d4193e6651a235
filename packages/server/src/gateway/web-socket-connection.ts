import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Connection, ConnectionListener } from './connection.ts'
import { textFrameStart } from './text-frame.ts'
import type { TurnWriter } from './turn-writer.ts'

/** Bytes beyond what the system takes at once that wait for a slow peer before nothing more is given to it. */
const waitingLimit = 16 * 1024

const nothing = new Uint8Array(0)

/** A WebSocket that knows whom it serves: its listeners can be the same functions for all of them. */
export class ServedSocket extends WebSocket {
  connection: WebSocketConnection | undefined
}

/** A `Connection` over a WebSocket. */
export class WebSocketConnection implements Connection {
  readonly #ws
  readonly #socket
  readonly #turn
  readonly #among
  readonly #binary
  #listener: ConnectionListener | undefined
  #full = false

  constructor(parts: {
    ws: ServedSocket
    socket: Duplex
    turn: TurnWriter
    /** Where it is as long as it is served. */
    among: Set<WebSocketConnection>
    /** Messages are bytes; else they are text. */
    binary: boolean
  }) {
    this.#ws = parts.ws
    this.#socket = parts.socket
    this.#turn = parts.turn
    this.#among = parts.among
    this.#binary = parts.binary
  }

  /** `listener` is told what comes from now on. */
  serve(listener: ConnectionListener): void {
    this.#listener = listener
    this.#among.add(this)
    this.#ws.connection = this
    this.#ws.on('message', onMessage)
    this.#ws.on('close', onClose)
    this.#ws.on('error', onError)
  }

  message(data: Buffer, isBinary: boolean): void {
    this.#turn.noteFrame()
    this.#listener?.message(this.#binary && isBinary ? data : data.toString())
  }

  closed(): void {
    this.#among.delete(this)
    this.#listener?.closed()
  }

  get full(): boolean {
    if (this.#full) return true
    const socket = this.#socket
    if (socket.writableLength < waitingLimit) return false
    // Only what the system does not take is waiting.
    this.#turn.flush(socket)
    if (socket.writableLength < waitingLimit) return false
    this.#full = true
    // An empty write is done when all before it are: also below the mark at which a socket itself tells of room.
    if (socket.writable) socket.write(nothing, () => this.#taken())
    return true
  }

  send(data: string | Uint8Array): void {
    this.#turn.cork(this.#socket)
    this.#ws.send(data)
  }

  sendInParts(start: string, end: Uint8Array): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    this.#turn.cork(this.#socket)
    // The library would copy, or make several frames of it.
    this.#socket.write(textFrameStart(start, end.length))
    this.#socket.write(end)
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

  #taken(): void {
    this.#full = false
    this.#listener?.drained()
  }
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  ;(this as ServedSocket).connection?.message(data as Buffer, isBinary)
}

function onClose(this: WebSocket): void {
  ;(this as ServedSocket).connection?.closed()
}

/** `close` follows. */
function onError(): void {}
