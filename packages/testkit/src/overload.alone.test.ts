import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { limits } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CrowdReader, type CrowdUser, importUsers, mostMemory, residentMemory } from './crowd.ts'
import { ProcessNode } from './process-node.ts'
import { RawApi } from './raw-api.ts'

const megabyte = 1024 * 1024
const text = 'x'.repeat(16 * 1024)

let data: string
let node: ProcessNode
let users: CrowdUser[]

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'parley-overload-'))
  users = await importUsers(data, 1000)
  node = await ProcessNode.start({ data, args: ['--rate-limits', 'off'] })
}, 60_000)

afterAll(async () => {
  await node.close()
  rmSync(data, { recursive: true, force: true })
})

/** A group of `members`, and what sends `count` messages of 16 KB to it, each when the one before is stored. */
async function group(members: readonly CrowdUser[]) {
  const [first, ...others] = members as [CrowdUser, ...CrowdUser[]]
  const api = new RawApi(node.url, first.token)
  const { id } = await api.group(
    'Crowd',
    others.map(({ user }) => user),
  )
  let sent = 0
  const send = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const body = { clientMessageId: `m${++sent}`, content: { text } }
      await api.call('POST', `/v1/conversations/${id}/messages`, body)
    }
  }
  return { id, members, send }
}

const isReady = async (): Promise<boolean> =>
  (await fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(2000) })).status === 200

async function connected(members: readonly CrowdUser[], window?: number): Promise<CrowdReader[]> {
  const readers = members.map((user) => new CrowdReader(user))
  await Promise.all(readers.map((reader) => reader.connect(node.url, window)))
  return readers
}

describe('readers that stop reading', () => {
  it('I11, Y3: what the kernel does not take stays on disk', { timeout: 60_000 }, async () => {
    const { id, members, send } = await group(users.slice(0, 40))
    const readers = await connected(members, 500)
    const before = residentMemory(node.pid)
    const most = await mostMemory(node.pid, async () => {
      for (const reader of readers) reader.pause()
      await send(500)
      expect(await isReady()).toBe(true)
      for (const reader of readers) reader.resume()
      await Promise.all(readers.map((reader) => reader.until(() => reader.lastSeq.get(id) === 501)))
    })
    // Held in memory for each of them, what was sent would be 40 × 8 MB; what passes through leaves some garbage behind.
    expect(most - before).toBeLessThan(160 * megabyte)
    for (const reader of readers) reader.drop()
  })

  it('I11: a thousand of them cost 128 KB each at most, and get everything once they read', {
    timeout: 120_000,
  }, async () => {
    const messages = 200
    const crowds: Awaited<ReturnType<typeof group>>[] = []
    for (let from = 0; from < users.length; from += limits.groupMembers)
      crowds.push(await group(users.slice(from, from + limits.groupMembers)))
    const readers = new Map<string, CrowdReader[]>()
    for (const { id, members } of crowds) readers.set(id, await connected(members, 500))
    const all = [...readers.values()].flat()
    const send = (): Promise<unknown> => Promise.all(crowds.map((crowd) => crowd.send(messages)))
    const received = (seq: number): Promise<unknown> =>
      Promise.all(
        [...readers].flatMap(([id, those]) =>
          those.map((reader) => reader.until(() => reader.lastSeq.get(id) === seq)),
        ),
      )
    // What a server grows to by the same messages when they are read: caches, heaps.
    await send()
    await received(1 + messages)
    const before = residentMemory(node.pid)
    const most = await mostMemory(node.pid, async () => {
      for (const reader of all) reader.pause()
      await send()
      expect(await isReady()).toBe(true)
    })
    expect((most - before) / all.length).toBeLessThan(128 * 1024)
    for (const reader of all) reader.resume()
    await received(1 + 2 * messages)
    for (const reader of all) reader.drop()
  })
})

/** A raw socket to the server that got through the handshake of a WebSocket. */
async function upgraded(): Promise<Socket> {
  const socket = connect(node.port, '127.0.0.1').on('error', () => {})
  const lines = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
  const key = Buffer.alloc(16).toString('base64')
  socket.write(`GET /v1/socket HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`)
  await once(socket, 'data')
  return socket
}

const drained = (socket: Socket): Promise<boolean> =>
  new Promise((resolve) => socket.once('drain', () => resolve(true)))

/** A frame of a client in the protocol of WebSockets, masked with zeros. */
function clientFrame(opcode: number, payload: string): Buffer {
  const size = Buffer.byteLength(payload)
  const length = size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, 0, 0, 0, 0]), Buffer.from(payload)])
}

/** Writes until the server has had 64 MB, has stopped reading, or has hung up. @returns bytes written */
async function flood(frame: Buffer): Promise<number> {
  const socket = await upgraded()
  socket.write(clientFrame(1, JSON.stringify({ t: 'hello', token: users[0]?.token })))
  await once(socket, 'data')
  socket.pause()
  const frames = Buffer.concat(Array.from({ length: 1000 }, () => frame))
  let written = 0
  for (let taken = true; taken && written < 64 * megabyte && !socket.destroyed; written += frames.length) {
    if (!socket.write(frames)) taken = await Promise.race([drained(socket), wait(1000).then(() => false)])
  }
  socket.destroy()
  return written
}

describe('peers that mean no good', () => {
  it.each([
    ['ping frames of the WebSocket', clientFrame(9, 'p'.repeat(125))],
    ['pings', clientFrame(1, '{"t":"ping"}')],
  ])('I11: a flood of %s whose answers nobody reads costs no memory', async (_, frame) => {
    // The first flood lets the heap of a server that has just started grow to its working size.
    await flood(frame)
    const before = residentMemory(node.pid)
    let written = 0
    const most = await mostMemory(node.pid, async () => {
      written = await flood(frame)
      expect(await isReady()).toBe(true)
    })
    expect(written).toBeGreaterThan(megabyte / 8)
    expect(most - before).toBeLessThan(32 * megabyte)
  })

  it('connections that never ask, or never finish asking, are closed', { timeout: 40_000 }, async () => {
    const started = performance.now()
    const sockets = Array.from({ length: 200 }, (_, index) => {
      const socket = connect(node.port, '127.0.0.1').on('error', () => {})
      if (index % 2 === 1) socket.write('GET /v1/socket HTTP/1.1\r\nHost: x\r\nUpgr')
      return socket.resume()
    })
    await Promise.all(sockets.map((socket) => once(socket, 'close')))
    expect(performance.now() - started).toBeLessThan(20_000)
    expect(await isReady()).toBe(true)
  })

  it('five hundred who come back at once are all live soon, and the server is ready meanwhile', async () => {
    const members = users.slice(0, 500)
    const readers = await connected(members)
    const { id, send } = await group(members.slice(0, 150))
    for (const reader of readers) reader.drop()
    await send(10)
    const coming = Promise.all(readers.map((reader) => reader.connect(node.url)))
    let asked = 0
    for (let done = false; !done; asked++) {
      expect(await isReady()).toBe(true)
      done = await Promise.race([coming.then(() => true), wait(20).then(() => false)])
    }
    expect(asked).toBeGreaterThan(0)
    for (const reader of readers.slice(0, 150)) await reader.until(() => reader.lastSeq.get(id) === 11)
    for (const reader of readers) reader.drop()
  })
})
