import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { startNode } from '../../index.ts'
import { controlAddressOf } from './control.ts'
import { SteeredServer } from './steered-server.ts'

let folder: string
let node: Awaited<ReturnType<typeof startNode>>
let server: SteeredServer

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'parley-hand-over-'))
  node = await startNode({ data: folder, port: 0, logLevel: 'silent', store: 'sqlite' })
  server = new SteeredServer(folder)
})
afterEach(async () => {
  await node.close()
  rmSync(folder, { recursive: true })
})

/** Something that answers as a node of the cluster would: it tells what it was asked. */
async function elsewhere(): Promise<{ place: { url: string; link: string }; ready(): void; close(): Promise<void> }> {
  let isReady = false
  const http: Server = createServer(async (request, response) => {
    if (request.url === '/readyz') return response.writeHead(isReady ? 200 : 503).end()
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { method, url, headers } = request
    response.writeHead(201, { 'x-from': 'elsewhere', 'content-type': 'application/json' })
    return response.end(JSON.stringify({ method, url, body, headers }))
  })
  const sockets = new WebSocketServer({ server: http, path: '/v1/socket' })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`heard ${data}`)))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return {
    place: { url, link: url },
    ready: () => {
      isReady = true
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    },
  }
}

const account = (username: string) => ({ username, password: 'correct horse', device: { name: 'phone' } })

function register(username: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${node.url}/v1/accounts`, { method: 'POST', headers, body: JSON.stringify(account(username)) })
}

/** A socket that said hello; what it is told. */
async function connect(token: string): Promise<{ frames: { t: string; url?: string }[]; closed: Promise<number> }> {
  const socket = new WebSocket(`${node.url.replace('http', 'ws')}/v1/socket`)
  const frames: { t: string; url?: string }[] = []
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      for (const frame of [JSON.parse(String(data))].flat()) {
        frames.push(frame)
        if (frame.t === 'live') resolve()
      }
    })
    socket.on('open', () => socket.send(JSON.stringify({ t: 'hello', token })))
  })
  return { frames, closed }
}

const departure = (nodes: { url: string; link: string }[]) => ({ at: 1_800_000_000_000, to: 'the cluster', nodes })

describe('a server whose data is taken elsewhere', () => {
  it('is steered only by who may read its folder', async () => {
    const { url } = controlAddressOf(folder)!
    expect(statSync(join(folder, 'control.json')).mode & 0o077).toBe(0)
    for (const authorization of ['', 'Bearer ', `Bearer ${'x'.repeat(43)}`]) {
      expect((await fetch(`${url}/freeze`, { method: 'POST', headers: { authorization } })).status).toBe(401)
    }
    expect(await server.status()).toBe('serving')
  })

  it('holds writes back while it is frozen, and only those; then they are done', async () => {
    const { token } = (await (await register('ann')).json()) as { token: string }
    await server.freeze(10_000)
    let done = false
    const waiting = register('bob').then((answer) => {
      done = true
      return answer
    })
    const reading = await fetch(`${node.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })
    expect(reading.status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(done).toBe(false)
    await server.thaw()
    expect((await waiting).status).toBe(201)
  })

  it('goes on by itself when whoever froze it is gone, and cannot be left any more then', async () => {
    const freeze = await server.freeze(100)
    expect((await register('ann')).status).toBe(201)
    await expect(server.leave(freeze, departure([]))).rejects.toThrow('The freeze is over')
    const second = await server.freeze(10_000)
    await expect(server.leave(freeze, departure([]))).rejects.toThrow('The freeze is over')
    await server.thaw()
    await expect(server.leave(second, departure([]))).rejects.toThrow('The freeze is over')
    expect((await register('bob')).status).toBe(201)
  })

  it('once it has left passes everybody on, and is never started there again', async () => {
    const { token } = (await (await register('ann')).json()) as { token: string }
    const session = await connect(token)
    const headers = { authorization: `Bearer ${token}` }
    const polling = fetch(`${node.url}/v1/sync?wait=50`, { headers }).then((answer) => answer.json())
    const target = await elsewhere()
    try {
      const freeze = await server.freeze(10_000)
      const waiting = register('bob')
      await server.leave(freeze, departure([target.place]))
      const later = fetch(`${node.url}/v1/me`, { headers })
      expect(await server.status()).toBe('left')
      target.ready()
      const heard = (await (await waiting).json()) as { method: string; url: string; body: string; headers: object }
      expect(heard).toMatchObject({ method: 'POST', url: '/v1/accounts', body: JSON.stringify(account('bob')) })
      expect(heard.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', host: new URL(node.url).host })
      expect((await later).headers.get('x-from')).toBe('elsewhere')
      expect(await session.closed).toBe(4004)
      expect(session.frames.at(-1)).toMatchObject({ t: 'bye', reconnect: true, url: target.place.url })
      expect(await polling, 'who polls is sent to ask again').toMatchObject({ updates: [], resume: 'ok' })
      const socket = new WebSocket(`${node.url.replace('http', 'ws')}/v1/socket`)
      socket.on('open', () => socket.send('hello'))
      expect(String(await new Promise((resolve) => socket.once('message', resolve)))).toBe('heard hello')
      socket.terminate()
      expect((await fetch(`${node.url}/healthz`)).headers.get('x-from'), 'its own health').toBeNull()
      await expect.poll(() => server.status()).toBe('handed over')
    } finally {
      await target.close()
    }
    expect((await fetch(`${node.url}/v1/me`, { headers })).status).toBe(503)
    expect(JSON.parse(readFileSync(join(folder, 'moved.json'), 'utf8'))).toMatchObject({ to: 'the cluster' })
    await node.close()
    await expect(startNode({ data: folder, port: 0, store: 'sqlite' })).rejects.toThrow(
      `The data of ${folder} was moved to the cluster on 2027-01-15T08:00:00.000Z`,
    )
    node = await startNode({ store: 'memory', port: 0, logLevel: 'silent' })
  })
})
