import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FaultProxy } from './fault-proxy.ts'

let echo: Server
let proxy: FaultProxy
let atServer: Socket[]

beforeEach(async () => {
  atServer = []
  echo = createServer((socket) => {
    atServer.push(socket)
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  proxy = await FaultProxy.start({ port: (echo.address() as AddressInfo).port })
})

afterEach(async () => {
  await proxy.close()
  for (const socket of atServer) socket.destroy()
  await new Promise((resolve) => echo.close(resolve))
})

async function client() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1' })
  let received = ''
  let closed = false
  const waiting: (() => void)[] = []
  const changed = () => {
    for (const wake of waiting.splice(0)) wake()
  }
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    received += text
    changed()
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    closed = true
    changed()
  })
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()))
  return {
    socket,
    write: (text: string) => socket.write(text),
    got: (text: string) => until(() => received === text),
    ended: () => until(() => closed),
    received: () => received,
    isClosed: () => closed,
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('FaultProxy', () => {
  it('passes bytes through both ways, and the end of a connection', async () => {
    const one = await client()
    const big = 'x'.repeat(1_000_000)
    one.write(big)
    await one.got(big)
    one.socket.end()
    await one.ended()
    expect(proxy.accepted).toBe(1)
    expect(proxy.open).toBe(0)
  })

  it('delays, in order', async () => {
    proxy.faults.delay = 60
    const one = await client()
    const start = performance.now()
    one.write('a')
    one.write('b')
    await one.got('ab')
    expect(performance.now() - start).toBeGreaterThanOrEqual(115)
  })

  it('throttles', async () => {
    proxy.faults.rate = 20_000
    const one = await client()
    const start = performance.now()
    one.write('y'.repeat(4_000))
    await one.got('y'.repeat(4_000))
    expect(performance.now() - start).toBeGreaterThanOrEqual(180)
  })

  it('cuts connections: both sides learn it, and can connect again', async () => {
    const one = await client()
    one.write('hello')
    await one.got('hello')
    const ended = new Promise((resolve) => atServer[0]!.once('close', resolve))
    expect(proxy.cut()).toBe(1)
    await Promise.all([one.ended(), ended])
    const two = await client()
    two.write('again')
    await two.got('again')
  })

  it('swallows bytes without telling, and gives them when the link is whole', async () => {
    const one = await client()
    one.write('a')
    await one.got('a')
    proxy.faults.blackhole = 'toClient'
    one.write('b')
    await pause(80)
    expect(one.received()).toBe('a')
    expect(one.isClosed()).toBe(false)
    proxy.heal()
    await one.got('ab')
  })

  it('leaves half-open connections: the client is gone, the server is not told', async () => {
    const one = await client()
    one.write('a')
    await one.got('a')
    let told = false
    atServer[0]!.once('close', () => {
      told = true
    })
    proxy.vanish()
    await one.ended()
    atServer[0]!.write('into the void')
    await pause(80)
    expect(told).toBe(false)
    expect(proxy.open).toBe(0)
    proxy.cut()
    await expect.poll(() => told).toBe(true)
  })

  it('refuses new connections and keeps the old ones', async () => {
    const one = await client()
    proxy.faults.refuse = true
    const two = await client()
    await two.ended()
    one.write('still here')
    await one.got('still here')
  })
})
