import type { Clock } from '../../lib/clock.ts'
import { closing, createDriverClient, type Driver, type DriverInternals } from './driver.ts'
import { isKind, type StoredNode, stored, ZooKeeperError } from './stored-node.ts'

export interface ClientListener {
  connected(): void
  disconnected(): void
  /** The session is over, and this client with it. */
  expired(): void
}

/** What a connection asks of it. */
export type ZooKeeperCalls = Pick<ZooKeeperClient, keyof ZooKeeperClient>

/** Milliseconds for which an abandoned client may still open a connection. */
const lingers = 1_000

/** One session: the driver's client, with promises. Its calls reject as ZooKeeperError; none has a time limit. */
export class ZooKeeperClient {
  readonly #driver
  readonly #client: DriverInternals
  readonly #clock

  constructor(driver: Driver, servers: string, sessionTimeout: number, clock: Clock, listener: ClientListener) {
    this.#driver = driver
    this.#clock = clock
    this.#client = createDriverClient(driver, servers, sessionTimeout)
    this.#client.on('connected', () => listener.connected())
    this.#client.on('disconnected', () => {
      // The beginning of an answer must not be taken for that of the next connection's first.
      this.#client.connectionManager.pendingBuffer = null
      listener.disconnected()
    })
    this.#client.on('expired', () => listener.expired())
  }

  connect(): void {
    this.#client.connect()
  }

  /** Valid while connected. */
  get session(): string {
    return this.#client.getSessionId().toString('hex')
  }

  get password(): Buffer {
    return this.#client.getSessionPassword()
  }

  /** As agreed with the server, ms. */
  get timeout(): number {
    return this.#client.getSessionTimeout()
  }

  async create(path: string, data: string, mode: 'persistent' | 'ephemeral'): Promise<void> {
    const { EPHEMERAL, PERSISTENT } = this.#driver.CreateMode
    const flags = mode === 'ephemeral' ? EPHEMERAL : PERSISTENT
    await answer<unknown>((done) => this.#client.create(path, Buffer.from(data), flags, done))
  }

  /** `watch` is called once when it is changed or removed; not when it is missing now. */
  async get(path: string, watch: () => void = ignore): Promise<StoredNode | undefined> {
    const found = answer<StoredNode | undefined>((done) =>
      this.#client.getData(path, watch, (error, data, stat) => done(error, error ? undefined : stored(data, stat))),
    )
    return found.catch((error) => {
      if (isKind(error, 'missing')) return undefined
      throw error
    })
  }

  /** `watch` is called once when one comes or goes. */
  children(path: string, watch: () => void = ignore): Promise<string[]> {
    return answer((done) => this.#client.getChildren(path, watch, done))
  }

  /** Version −1: whatever it is. */
  set(path: string, data: string, version = -1): Promise<StoredNode> {
    const bytes = Buffer.from(data)
    return answer<StoredNode>((done) =>
      this.#client.setData(path, bytes, version, (error, stat) => done(error, (error || stored(bytes, stat)) as never)),
    )
  }

  async remove(path: string): Promise<void> {
    await answer<unknown>((done) => this.#client.remove(path, -1, (error) => done(error, undefined)))
  }

  /** Asks for anything; answered by the server at hand, whether the ensemble has a leader or not. */
  async ping(path: string): Promise<void> {
    await answer<unknown>((done) => this.#client.exists(path, done))
  }

  /** Ends the connection, not the session: it goes on with the next server. */
  cut(): void {
    this.#client.connectionManager.socket?.destroy()
    this.#client.connectionManager.pendingBuffer = null
  }

  /** Ends the session, so that all it held is gone; resolves when the server said so or `patience` ms have passed. */
  async close(patience: number): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#client.once('disconnected', () => resolve()))
    this.#client.close()
    await Promise.race([ended, new Promise<void>((resolve) => this.#clock.after(patience, resolve))])
    this.abandon()
  }

  /** Nothing is heard of it any more, and it connects no more. */
  abandon(): void {
    this.#client.removeAllListeners()
    this.#client.connectionManager.state = closing
    this.cut()
    // It may be between two tries, and open one more connection.
    this.#clock.after(lingers, () => this.cut())
  }
}

function ignore(): void {}

function answer<Answer>(ask: (done: (error: unknown, answer: Answer) => void) => void): Promise<Answer> {
  return new Promise((resolve, reject) =>
    ask((error, found) => {
      if (error) reject(ZooKeeperError.of(error))
      else resolve(found)
    }),
  )
}
