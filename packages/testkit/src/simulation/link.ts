import type { Socket, SocketEvents } from '@parley/client'
import type { Connection, ConnectionListener } from '../../../server/src/gateway/connection.ts'
import type { SimTime } from './sim-time.ts'

/** Alters what one side sends before the other gets it; a planted bug's. */
export type Rewrite = (frame: string) => string

interface Direction {
  /** When the last thing sent this way arrives: order is kept. */
  at: number
  bytes: number
}

/** Bytes under way to the device before the node is told to wait. */
const capacity = 64 * 1024

/** A socket between a device and a node: in order, delayed, and cut off or silent at any moment. */
export class Link implements Connection, Socket {
  readonly #time
  readonly #delay
  readonly #events
  readonly #up: Direction = { at: 0, bytes: 0 }
  readonly #down: Direction = { at: 0, bytes: 0 }
  #listener: ConnectionListener | undefined
  #silent = false
  #over = false
  #paused = false
  #held: string[] = []
  rewriteUp: Rewrite = (frame) => frame
  onOver: () => void = () => {}

  constructor(time: SimTime, delay: () => number, events: SocketEvents) {
    this.#time = time
    this.#delay = delay
    this.#events = events
  }

  get isOver(): boolean {
    return this.#over
  }

  /** The device calls; `accept` answers with the node's end, or undefined when nobody listens. */
  open(accept: (link: Link) => ConnectionListener | undefined): void {
    this.#carry(this.#up, 0, () => {
      this.#listener = accept(this)
      if (this.#silent) return
      if (!this.#listener) this.break()
      else this.#carry(this.#down, 0, () => this.#events.open())
    })
  }

  // The device's end and the node's end have different names for what they send.

  send(data: string | Uint8Array): void {
    this.sendDown(data)
  }

  sendInParts(start: string, end: Uint8Array): void {
    this.sendDown(start + Buffer.from(end).toString())
  }

  sendDown(data: string | Uint8Array): void {
    const text = String(data)
    this.#carry(this.#down, text.length, () => {
      this.#events.message(text)
      if (this.#down.bytes === 0) this.#listener?.drained()
    })
  }

  sendUp(data: string): void {
    this.#carry(this.#up, data.length, () => {
      if (this.#paused) this.#held.push(data)
      else this.#listener?.message(this.rewriteUp(data))
    })
  }

  /** The node closes. */
  close(code = 1000, reason = ''): void {
    this.#carry(this.#down, 0, () => {
      this.#end()
      this.#events.close(code, reason)
      this.#listener?.closed()
    })
  }

  /** The device closes. */
  closeUp(): void {
    this.#carry(this.#up, 0, () => {
      this.#end()
      this.#listener?.closed()
    })
  }

  terminate(): void {
    this.break()
  }

  get full(): boolean {
    return this.#down.bytes > capacity
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    for (const data of this.#held.splice(0)) this.sendUp(data)
  }

  /** Cut off: what is under way is lost, and both sides learn of it. */
  break(): void {
    if (this.#over) return
    this.#end()
    this.#time.after(this.#delay(), () => this.#events.close(1006, ''))
    this.#time.after(this.#delay(), () => this.#listener?.closed())
  }

  /** Half open: nothing gets through any more, and nobody is told. */
  silence(): void {
    this.#silent = true
  }

  #end(): void {
    this.#over = true
    this.onOver()
  }

  #carry(way: Direction, bytes: number, arrive: () => void): void {
    if (this.#over) return
    way.bytes += bytes
    way.at = Math.max(way.at, this.#time.elapsed + this.#delay())
    this.#time.after(way.at - this.#time.elapsed, () => {
      if (this.#over || this.#silent) return
      way.bytes -= bytes
      arrive()
    })
  }
}
