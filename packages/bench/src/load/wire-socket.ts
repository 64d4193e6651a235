import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

export interface Endpoint {
  host: string
  port: number
}

interface WireEvents {
  /** The payload of one text message, as JSON text of ASCII or UTF-8. Valid during the call only. */
  message(bytes: Buffer, from: number, to: number): void
  /** All messages of one read were given. */
  drained(): void
  closed(reason: string): void
}

const readBuffer = Buffer.allocUnsafeSlow(256 * 1024)
const slabBytes = 256 * 1024
let slab = Buffer.allocUnsafeSlow(slabBytes)
let slabUsed = 0
const nothing = Buffer.alloc(0)

/**
 * The client half of a WebSocket, cheap enough that one core offers more than a server's core can take: one read
 * buffer for all sockets, frames masked in place in a slab, one write for everything that is sent between flushes.
 * It knows text messages, ping and close, which is all that a server sends here.
 */
export class WireSocket {
  readonly #socket: Socket
  readonly #events: WireEvents
  #rest: Buffer = nothing
  /** Where the unflushed bytes lie: the shared slab may have been replaced since. */
  #slab: Buffer = slab
  #start = 0
  #end = 0
  #closed = false

  private constructor(socket: Socket, events: WireEvents) {
    this.#socket = socket
    this.#events = events
  }

  /** Resolves when the server has upgraded the connection. */
  static open(endpoint: Endpoint, path: string, events: WireEvents): Promise<WireSocket> {
    return new Promise((resolve, reject) => {
      let wire: WireSocket | undefined
      let head = ''
      const onread = {
        buffer: readBuffer,
        callback: (length: number) => {
          if (wire !== undefined) {
            wire.#read(readBuffer, length)
            return true
          }
          head += readBuffer.toString('latin1', 0, length)
          const end = head.indexOf('\r\n\r\n')
          if (end < 0) return true
          if (!head.startsWith('HTTP/1.1 101')) {
            socket.destroy()
            reject(new Error(`no upgrade: ${head.slice(0, head.indexOf('\r\n'))}`))
            return true
          }
          wire = new WireSocket(socket, events)
          resolve(wire)
          const early = Buffer.from(head.slice(end + 4), 'latin1')
          // The caller holds the socket before it is given frames.
          if (early.length > 0) setImmediate((opened: WireSocket) => opened.#read(early, early.length), wire)
          return true
        },
      }
      const socket = connect({ ...endpoint, noDelay: true, onread })
      socket.on('error', (error) => {
        if (wire === undefined) reject(error)
        else wire.#close(error.message)
      })
      socket.on('close', () => {
        if (wire === undefined) reject(new Error('closed before the upgrade'))
        else wire.#close('connection closed')
      })
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${endpoint.host}:${endpoint.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n` +
          'Sec-WebSocket-Protocol: parley.1.json\r\n\r\n',
      )
    })
  }

  /** Adds one text message of ASCII, at most 64 KiB, to what the next flush writes. */
  push(text: string): void {
    const length = text.length
    const header = length < 126 ? 6 : 8
    if (this.#slab !== slab || this.#end !== slabUsed || slabUsed + header + length > slabBytes)
      this.#moveToEnd(header + length)
    let at = slabUsed
    slab[at++] = 0x81
    if (length < 126) slab[at++] = 0x80 | length
    else {
      slab[at++] = 0x80 | 126
      slab[at++] = length >>> 8
      slab[at++] = length & 0xff
    }
    const key = (Math.random() * 0x1_0000_0000) >>> 0
    const mask0 = key >>> 24
    const mask1 = (key >>> 16) & 0xff
    const mask2 = (key >>> 8) & 0xff
    const mask3 = key & 0xff
    slab[at++] = mask0
    slab[at++] = mask1
    slab[at++] = mask2
    slab[at++] = mask3
    slab.write(text, at, length, 'latin1')
    const end = at + length
    const whole = end - 3
    for (; at < whole; at += 4) {
      slab[at]! ^= mask0
      slab[at + 1]! ^= mask1
      slab[at + 2]! ^= mask2
      slab[at + 3]! ^= mask3
    }
    if (at < end) slab[at]! ^= mask0
    if (at + 1 < end) slab[at + 1]! ^= mask1
    if (at + 2 < end) slab[at + 2]! ^= mask2
    slabUsed = end
    this.#end = end
  }

  flush(): void {
    if (this.#end > this.#start && !this.#closed) this.#socket.write(this.#slab.subarray(this.#start, this.#end))
    this.#start = this.#end
  }

  close(): void {
    this.#closed = true
    this.#socket.destroy()
  }

  /** What this socket has not flushed must lie together: flushes it when another socket wrote behind it. */
  #moveToEnd(needed: number): void {
    this.flush()
    if (slabUsed + needed > slabBytes) {
      slab = Buffer.allocUnsafeSlow(slabBytes)
      slabUsed = 0
    }
    this.#slab = slab
    this.#start = slabUsed
    this.#end = slabUsed
  }

  #read(bytes: Buffer, length: number): void {
    if (this.#closed) return
    let source = bytes
    let end = length
    if (this.#rest.length > 0) {
      source = Buffer.concat([this.#rest, bytes.subarray(0, length)])
      end = source.length
    }
    const used = this.#frames(source, end)
    this.#rest = used === end ? nothing : Buffer.from(source.subarray(used, end))
    this.#events.drained()
  }

  /** Gives every whole frame; returns where the first unfinished one starts. */
  #frames(bytes: Buffer, end: number): number {
    let at = 0
    while (end - at >= 2) {
      let size = bytes[at + 1]! & 0x7f
      let payload = at + 2
      if (size === 126) {
        if (end - at < 4) break
        size = bytes.readUInt16BE(at + 2)
        payload = at + 4
      } else if (size === 127) {
        if (end - at < 10) break
        size = Number(bytes.readBigUInt64BE(at + 2))
        payload = at + 10
      }
      if (payload + size > end) break
      const opcode = bytes[at]! & 0x0f
      if (opcode === 1) this.#events.message(bytes, payload, payload + size)
      else if (opcode === 9) this.#pong()
      else if (opcode === 8)
        this.#close(`closed by the server: ${closeReason(bytes.subarray(payload, payload + size))}`)
      at = payload + size
    }
    return at
  }

  #pong(): void {
    this.#socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]))
  }

  #close(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#socket.destroy()
    this.#events.closed(reason)
  }
}

function closeReason(payload: Buffer): string {
  return payload.length < 2 ? 'no code' : `${payload.readUInt16BE(0)} ${payload.toString('utf8', 2)}`
}
