import { describe, expect, it } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { ManualClock } from '../../lib/manual-clock.ts'
import type { ClientListener, ZooKeeperCalls } from './client.ts'
import { ZooKeeperConnection } from './connection.ts'
import { ZooKeeperError } from './stored-node.ts'

const timeout = 6000
const node = { data: '', version: 1, owner: '', at: 0 }

/** A server: what it does, and what clients do to it. */
class TestServer {
  mood: 'well' | 'silent' | 'away' = 'well'
  readonly clients: TestClient[] = []
  sessions = 0
  cuts = 0

  async answer<T>(value: T): Promise<T> {
    if (this.mood !== 'well') await new Promise(() => {})
    return value
  }

  readonly create = (listener: ClientListener): ZooKeeperCalls => {
    const client = new TestClient(this, listener)
    this.clients.push(client)
    return client
  }
}

class TestClient implements ZooKeeperCalls {
  readonly #server
  readonly listener
  readonly password = Buffer.alloc(16)
  readonly timeout = timeout
  session = ''
  ended = false

  constructor(server: TestServer, listener: ClientListener) {
    this.#server = server
    this.listener = listener
  }

  connect(): void {
    if (this.#server.mood !== 'well' || this.ended) return
    this.session ||= `session ${++this.#server.sessions}`
    this.listener.connected()
  }

  cut(): void {
    this.#server.cuts++
    this.listener.disconnected()
    this.connect()
  }

  abandon(): void {
    this.ended = true
  }

  async close(): Promise<void> {
    this.ended = true
  }

  create = () => this.#server.answer(undefined)
  get = () => this.#server.answer(node)
  children = () => this.#server.answer([])
  set = () => this.#server.answer(node)
  remove = () => this.#server.answer(undefined)
  ping = () => this.#server.answer(undefined)
}

async function started() {
  const clock = new ManualClock()
  const server = new TestServer()
  const connection = new ZooKeeperConnection({
    create: server.create,
    timeout,
    root: '/a/b',
    folders: ['nodes'],
    clock,
    logger: silentLogger,
  })
  let ready = 0
  connection.onReady(() => ready++)
  connection.start()
  await clock.advance(10)
  return { clock, server, connection, ready: () => ready }
}

describe('connection to ZooKeeper', () => {
  it('is sure of its session while writes are answered, and for a part of the timeout afterwards', async () => {
    const { clock, server, connection } = await started()
    for (let seconds = 0; seconds < 60; seconds++) {
      await clock.advance(1000)
      expect(connection.isSure(0.3)).toBe(true)
    }
    server.mood = 'silent'
    await clock.advance(timeout / 2)
    expect(connection.isSure(2 / 3)).toBe(true)
    await clock.advance(timeout / 2)
    expect(connection.isSure(1)).toBe(false)
    await connection.close()
  })

  it('a machine that was suspended is not sure, nor one whose wall clock was set back, until a write is answered', async () => {
    const { clock, server, connection } = await started()
    clock.jump(timeout)
    expect(connection.isSure(1)).toBe(false)
    await clock.advance(1000)
    expect(connection.isSure(0.3)).toBe(true)
    server.mood = 'silent'
    clock.jump(-3_600_000)
    await clock.advance(timeout)
    expect(connection.isSure(1)).toBe(false)
    await connection.close()
  })

  it('leaves a server that is silent, again and again until one answers, and keeps its session', async () => {
    const { clock, server, connection, ready } = await started()
    const { session } = connection
    server.mood = 'silent'
    await clock.advance(timeout)
    expect(server.cuts).toBeGreaterThanOrEqual(2)
    expect(server.cuts).toBeLessThanOrEqual(4)
    server.mood = 'well'
    await clock.advance(timeout / 2)
    expect([connection.session, server.clients.length, ready()]).toEqual([session, 1, 2])
    expect(connection.isSure(0.3)).toBe(true)
    await connection.close()
  })

  it('replaces a client whose session expired, and tells that all is to be made again', async () => {
    const { clock, server, connection, ready } = await started()
    const [first] = server.clients as [TestClient]
    first.listener.disconnected()
    first.listener.expired()
    expect([connection.session, connection.isSure(1), first.ended]).toEqual([undefined, false, true])
    await clock.advance(100)
    expect([connection.session, server.clients.length, ready()]).toEqual(['session 2', 2, 2])
    // What the old client still says is of no interest.
    first.listener.expired()
    expect(connection.session).toBe('session 2')
    await connection.close()
  })

  it('refuses calls at once while it is not connected, and gives up those that nobody answers', async () => {
    const { clock, server, connection } = await started()
    server.mood = 'silent'
    const call = connection.read((client) => client.children('/a'))
    const refused = expect(call).rejects.toMatchObject({ kind: 'lost' })
    await clock.advance(timeout / 3)
    await refused
    await clock.advance(1000)
    await expect(connection.write((client) => client.children('/a'))).rejects.toBeInstanceOf(ZooKeeperError)
    await connection.close()
    await expect(connection.read((client) => client.children('/a'))).rejects.toMatchObject({ kind: 'lost' })
  })

  it('leaves no timer behind', async () => {
    const { clock, server, connection } = await started()
    server.mood = 'silent'
    await clock.advance(timeout)
    await connection.close()
    await clock.advance(timeout)
    expect(clock.waiting).toBe(0)
  })
})
