import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ByeFrame, MessagePage } from '@parley/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProcessNode } from './process-node.ts'
import { type Account, RawApi, register } from './raw-api.ts'
import { RawClient } from './raw-client.ts'

let data: string
let node: ProcessNode

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'parley-graceful-'))
  node = await ProcessNode.start({ data })
})

afterEach(async () => {
  await node.close()
  rmSync(data, { recursive: true, force: true })
})

const isBye = (frame: { t: string }): frame is ByeFrame => frame.t === 'bye'

/** A peer that asked for a socket and never reads, writes or closes again. */
async function mutePeer(port: number, path = '/v1/socket'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  const key = Buffer.alloc(16).toString('base64')
  const lines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${key}`]
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  return socket
}

describe('a server that is told to stop', () => {
  it('K3: says bye with after and spread, closes with 4000, exits with 0', async () => {
    const { url } = node
    const accounts = await Promise.all([register(url), register(url), register(url)])
    const clients = await Promise.all(
      accounts.map(async (account) => (await RawClient.connect({ url, account })).client),
    )
    const waiting = await RawClient.open({ url, account: accounts[0] as Account })
    const exit = node.sigterm()
    for (const client of clients) {
      const bye = await client.waitFor(isBye)
      expect(bye).toMatchObject({ t: 'bye', reconnect: true })
      expect(bye.after).toBeGreaterThanOrEqual(0)
      expect(bye.spread).toBeGreaterThan(0)
      expect(client.frames.at(-1)).toBe(bye)
      expect((await client.closed).code).toBe(4000)
    }
    expect((await waiting.closed).code).toBe(4000)
    expect(await exit).toEqual({ code: 0, signal: null })
  })

  it('is gone soon, whatever its peers do: mute sockets, polls that wait, connections kept alive', async () => {
    const { url } = node
    const account = await register(url)
    const { client, welcome } = await RawClient.connect({ url, account })
    const mute = await Promise.all([mutePeer(node.port), mutePeer(node.port, '/v1/elsewhere')])
    const api = new RawApi(url, account.token)
    const poll = api.request('GET', `/v1/sync?cursor=${encodeURIComponent(welcome.cursor)}&wait=50`).catch(() => 'cut')
    await api.call('GET', '/v1/me')
    client.pause()
    const started = performance.now()
    expect(await node.sigterm()).toEqual({ code: 0, signal: null })
    expect(performance.now() - started).toBeLessThan(5000)
    expect(await poll).toBeDefined()
    for (const socket of mute) socket.destroy()
    client.drop()
  })

  it('D1: keeps everything it answered `ok`, and starts again on the same folder', async () => {
    const { url } = node
    const [alice, bob] = await Promise.all([register(url), register(url)])
    const api = new RawApi(url, alice.token)
    const chat = await api.direct(bob.user)
    const { client } = await RawClient.connect({ url, account: alice })
    for (let index = 0; index < 60; index++) client.startSend(chat.id, `m${index}`, { text: `${index}` })
    await client.waitFor((frame) => frame.t === 'ok')
    expect((await node.sigterm()).code).toBe(0)
    await client.closed
    const answered = client.frames.flatMap((frame) => (frame.t === 'ok' && frame.seq ? [frame.seq] : []))
    expect(answered.length).toBeGreaterThan(0)
    await node.start()
    const page = await api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages?limit=200`)
    const stored = page.items.map((message) => message.seq)
    expect(stored).toEqual(stored.map((_, index) => index + 1))
    expect(stored).toEqual(expect.arrayContaining(answered))
  })

  it('a second server on one folder is refused and told of the first, which serves on', async () => {
    const second = new ProcessNode({ data })
    await expect(second.start()).rejects.toThrow(`${data} is in use by a Parley server at ${node.url}`)
    expect((await second.exited()).code).toBe(1)
    expect(second.output).toContain(`process ${node.pid}`)
    await register(node.url)
    await node.kill9()
    await second.start()
    await second.close()
  })
})
