import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What a link does to bytes, the same in both directions. All can be changed while it is in use. */
export interface LinkFaults {
  /** Milliseconds that every byte is under way. */
  delay: number
  /** Bytes per second; undefined: as fast as can be. */
  rate: number | undefined
  /** Nothing arrives, in these directions, and nobody is told: what was sent waits until the link is whole again. */
  blackhole: 'none' | 'toServer' | 'toClient' | 'both'
  /** New connections are refused. */
  refuse: boolean
}

const whole: LinkFaults = { delay: 0, rate: undefined, blackhole: 'none', refuse: false }
/** Beyond this a pipe stops reading, as a network's own buffers would. */
const buffered = 256 * 1024
const slice = 20

/** One direction of a connection. */
class Pipe {
  #queue: { bytes: Buffer; due: number }[] = []
  #held = 0
  #running = false
  #ended = false
  readonly #from
  readonly #to
  readonly #faults: () => { delay: number; rate: number | undefined; closed: boolean }

  constructor(from: Socket, to: Socket, faults: () => { delay: number; rate: number | undefined; closed: boolean }) {
    this.#from = from
    this.#to = to
    this.#faults = faults
    from.on('data', (bytes: Buffer) => {
      this.#queue.push({ bytes, due: performance.now() + faults().delay })
      this.#held += bytes.length
      if (this.#held > buffered) from.pause()
      void this.#run()
    })
    from.on('end', () => {
      this.#ended = true
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (!this.#to.destroyed) {
      const next = this.#queue[0]
      if (!next) break
      const { rate, closed } = this.#faults()
      const early = next.due - performance.now()
      if (closed || early > 0) {
        await pause(closed ? slice : early)
        continue
      }
      this.#queue.shift()
      const size = rate === undefined ? next.bytes.length : Math.max(1, Math.ceil((rate * slice) / 1000))
      const part = next.bytes.subarray(0, size)
      if (part.length < next.bytes.length) this.#queue.unshift({ ...next, bytes: next.bytes.subarray(size) })
      this.#held -= part.length
      if (this.#held <= buffered && this.#from.isPaused()) this.#from.resume()
      if (!this.#to.write(part)) await drained(this.#to)
      if (rate !== undefined) await pause((part.length / rate) * 1000)
    }
    this.#running = false
    if (this.#ended && this.#queue.length === 0) this.#to.end()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done)
      socket.off('close', done)
      resolve()
    }
    socket.on('drain', done)
    socket.on('close', done)
  })
}

/** Stands between clients and a server (or a server and its stores) on TCP, and spoils the link when told to. */
export class FaultProxy {
  readonly faults: LinkFaults = { ...whole }
  readonly port: number
  readonly #server: Server
  readonly #links = new Set<{ client: Socket; server: Socket }>()
  #accepted = 0

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client) => this.#link(client, target))
  }

  static async start(target: { host?: string; port: number }): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new FaultProxy(server, { host: target.host ?? '127.0.0.1', port: target.port })
  }

  /** Connections that are open on the side of the client. */
  get open(): number {
    return [...this.#links].filter(({ client }) => !client.destroyed).length
  }

  /** Connections that ever were. */
  get accepted(): number {
    return this.#accepted
  }

  heal(): void {
    Object.assign(this.faults, whole)
  }

  /** Ends all connections at once, with a reset: both sides learn it. @returns how many */
  cut(): number {
    const links = [...this.#links]
    for (const { client, server } of links) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
    return links.length
  }

  /** The clients are gone and the server is not told: half-open connections, until `cut` or `close`. */
  vanish(): void {
    for (const { client, server } of this.#links) {
      server.removeAllListeners('data')
      server.resume()
      client.removeAllListeners('close')
      client.resetAndDestroy()
    }
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #link(client: Socket, target: { host: string; port: number }): void {
    this.#accepted++
    if (this.faults.refuse) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ ...target, allowHalfOpen: true, noDelay: true })
    const link = { client, server }
    this.#links.add(link)
    const inDirection = (direction: 'toServer' | 'toClient') => () => {
      const { delay, rate, blackhole } = this.faults
      return { delay, rate, closed: blackhole === 'both' || blackhole === direction }
    }
    new Pipe(client, server, inDirection('toServer'))
    new Pipe(server, client, inDirection('toClient'))
    const gone = (other: Socket) => () => {
      other.destroy()
      if (client.destroyed && server.destroyed) this.#links.delete(link)
    }
    client.on('error', ignore).on('close', gone(server))
    server.on('error', ignore).on('close', gone(client))
  }
}

/** `close` follows every error. */
const ignore = (): void => {}
