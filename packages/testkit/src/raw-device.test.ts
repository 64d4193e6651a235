import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EntryUpdate } from '@parley/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { History } from './history/history.ts'
import { RawDevice } from './raw-device.ts'

type Frame = { t: string; [key: string]: unknown }

/** Answers what a test tells it to, and keeps what it was sent. */
class ScriptedServer {
  readonly sockets: WebSocket[] = []
  readonly received: Frame[] = []
  inbox: { conversation: { id: string; head: number } }[] = []
  entries: EntryUpdate[] = []
  resume: 'ok' | 'reset' = 'ok'
  readonly #http: Server
  readonly #ws: WebSocketServer

  constructor() {
    this.#http = createServer((request, response) => {
      response.setHeader('content-type', 'application/json')
      const after = Number(/after=(\d+)/.exec(request.url ?? '')?.[1] ?? 0)
      const items = request.url?.includes('/entries') ? this.entries.filter((entry) => entry.seq > after) : this.inbox
      response.end(JSON.stringify({ items }))
    })
    this.#ws = new WebSocketServer({ server: this.#http })
    this.#ws.on('connection', (socket) => {
      this.sockets.push(socket)
      socket.on('message', (data) => this.#take(JSON.parse(String(data)) as Frame))
    })
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  tell(...frames: Frame[]): void {
    this.sockets.at(-1)!.send(JSON.stringify(frames))
  }

  of(t: string): Frame[] {
    return this.received.filter((frame) => frame.t === t)
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate()
    this.#ws.close()
    this.#http.closeAllConnections()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  #take(frame: Frame): void {
    this.received.push(frame)
    if (frame.t !== 'hello') return
    this.tell(
      { t: 'welcome', cursor: frame.cursor ?? 'p0', resume: this.resume, window: 256 },
      { t: 'live', pos: 'p0' },
    )
    this.resume = 'ok'
  }
}

const message = (seq: number): EntryUpdate => ({
  kind: 'message',
  conversation: 'c',
  seq,
  id: String(seq),
  sender: 'bob',
  device: 'd',
  sentAt: 1,
  content: { text: `${seq}` },
})
const event = (pos: string, seq: number): Frame => ({ t: 'event', pos, update: message(seq) })

let server: ScriptedServer
let device: RawDevice
let history: History

beforeEach(async () => {
  server = new ScriptedServer()
  history = new History()
  const account = { user: 'ann', device: 'phone', token: 't', username: 'ann', password: '' }
  device = new RawDevice({ url: await server.start(), account, history, retry: 5 })
})

afterEach(async () => {
  await device.close()
  await server.close()
})

const applied = () => history.of('applied').map((record) => record.seq)
const positions = () => server.of('ack').map((frame) => frame.pos)

describe('RawDevice', () => {
  it('Y1: starts without a cursor, from what the inbox says', async () => {
    server.inbox = [{ conversation: { id: 'c', head: 4 } }]
    await device.start()
    await device.until(() => device.appliedUpTo('c') === 4)
    expect(server.of('hello')[0]).toMatchObject({ token: 't', cursor: null })
    server.tell(event('p1', 4), event('p2', 5))
    await device.until(() => device.appliedUpTo('c') === 5)
    expect(applied()).toEqual([5])
    expect(history.of('baseline')).toMatchObject([{ conversation: 'c', head: 4 }])
  })

  it('Y8: fills a hole before it acknowledges what lies behind it', async () => {
    server.entries = [1, 2, 3, 4, 5].map(message)
    await device.start()
    server.tell(event('p1', 1), event('p4', 4))
    await expect.poll(positions).toEqual(['p1', 'p4'])
    expect(applied()).toEqual([1, 2, 3, 4])
  })

  it('Y2: applies repeats once and resumes from what it acknowledged', async () => {
    await device.start()
    server.tell(event('p1', 1), event('p2', 2))
    await expect.poll(positions).toEqual(['p1', 'p2'])
    device.drop()
    await expect.poll(() => server.of('hello').length).toBe(2)
    expect(server.of('hello')[1]).toMatchObject({ cursor: 'p2' })
    server.tell(event('p2', 2), event('p3', 3))
    await expect.poll(positions).toEqual(['p1', 'p2', 'p2', 'p3'])
    expect(applied()).toEqual([1, 2, 3])
  })

  it('K3: waits as `bye` says, goes where it was sent, and counts how long it was away', async () => {
    const other = new ScriptedServer()
    try {
      const url = await other.start()
      await device.start()
      server.tell({
        t: 'bye',
        reason: 'restart',
        reconnect: true,
        after: 100,
        spread: 20,
        url: url.replace('http', 'ws'),
      })
      server.sockets[0]?.close(4004)
      await expect.poll(() => device.way.gaps.length).toBe(1)
      expect(device.way.gaps[0]).toBeGreaterThanOrEqual(99)
      expect(device.way.url).toBe(url)
      expect([server, other].map((one) => one.of('hello').length)).toEqual([1, 1])
      device.drop()
      await expect.poll(() => server.of('hello').length, { message: 'once sent, then as it knows' }).toBe(2)
    } finally {
      await other.close()
    }
  })

  it('Y4: after a reset it drops what it had, and starts from the inbox', async () => {
    await device.start()
    server.tell(event('p1', 1))
    await device.until(() => device.appliedUpTo('c') === 1)
    server.resume = 'reset'
    server.inbox = [{ conversation: { id: 'c', head: 9 } }]
    device.drop()
    await device.until(() => device.appliedUpTo('c') === 9)
    expect(history.of('reset')).toHaveLength(1)
    server.tell(event('q1', 10))
    await expect.poll(() => applied()).toEqual([1, 10])
  })

  it('sends what was not answered again over the next connection, first of all and in order', async () => {
    await device.start()
    const stored = [device.send('c', { text: 'a' }, 'a'), device.send('c', { text: 'b' }, 'b')]
    await expect.poll(() => server.of('send').length).toBe(2)
    server.tell({ t: 'ok', ref: server.of('send')[0]!.ref, conversation: 'c', seq: 1, id: '1', sentAt: 1 })
    await stored[0]
    server.sockets.at(-1)!.terminate()
    stored.push(device.send('c', { text: 'd' }, 'd'))
    await expect.poll(() => server.of('send').map((frame) => frame.clientMessageId)).toEqual(['a', 'b', 'b', 'd'])
    const [b, d] = server.of('send').slice(2)
    server.tell(
      { t: 'ok', ref: b!.ref, conversation: 'c', seq: 2, id: '2', sentAt: 1, duplicate: true },
      { t: 'ok', ref: d!.ref, conversation: 'c', seq: 3, id: '3', sentAt: 1 },
    )
    await Promise.all(stored)
    expect(applied()).toEqual([1, 2, 3])
    expect(device.waiting).toBe(0)
  })

  it('says so when it is refused for good', async () => {
    await device.start()
    void device.send('c', { text: 'a' }, 'a')
    await expect.poll(() => server.of('send').length).toBe(1)
    server.tell({ t: 'error', ref: server.of('send')[0]!.ref, code: 'not_found', message: 'No such conversation.' })
    await expect(device.until(() => false)).rejects.toThrow('refused: not_found')
  })
})
