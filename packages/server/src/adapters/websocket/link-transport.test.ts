import { createServer, type IncomingMessage, type Server, request as sendRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import type { Wire } from '../../delivery/link-transport.ts'
import { Links } from '../../delivery/links.ts'
import { linkTopic } from '../../delivery/node-link.ts'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { ManualClock } from '../../lib/manual-clock.ts'
import { systemRandom } from '../../lib/random.ts'
import { seededRandom } from '../../lib/seeded-random.ts'
import { LinkProof } from './link-proof.ts'
import { linkPath, WebSocketLinkTransport } from './link-transport.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const key = (secret: string): Uint8Array => Buffer.from(secret.padEnd(32, '.'))

/** A node's HTTP server with a door for links. */
async function openServer(id: string, secret = 'ours') {
  const transport = new WebSocketLinkTransport(id, new LinkProof(key(secret), systemClock, systemRandom))
  const server: Server = createServer((_request, response) => response.writeHead(404).end())
  const requests: IncomingMessage[] = []
  server.on('upgrade', (request, socket, head) => {
    requests.push(request)
    transport.upgrade(request, socket, head)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const link = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  closers.push(() => {
    transport.close()
    server.closeAllConnections()
    server.close()
  })
  return { id, transport, link, requests }
}

type Node = Awaited<ReturnType<typeof openServer>>

/** Dials, and tells how it went. */
function dial(from: Node, to: { id: string; link: string }): { wire: Wire; outcome: Promise<'opened' | 'refused'> } {
  let wire: Wire | undefined
  const outcome = new Promise<'opened' | 'refused'>((resolve) => {
    wire = from.transport.dial(to, {
      opened: () => resolve('opened'),
      message: () => {},
      closed: () => resolve('refused'),
    })
  })
  return { wire: wire as Wire, outcome }
}

/** The status that an upgrade with these headers is answered with, and the headers of the answer. */
function knock(link: string, headers: Record<string, string>): Promise<{ status: number; headers: object }> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(`${link}${linkPath}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16, 7).toString('base64'),
        ...headers,
      },
    })
    request.on('response', (response) => resolve({ status: response.statusCode ?? 0, headers: response.headers }))
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: 101, headers: response.headers })
    })
    request.on('error', reject)
    request.end()
  })
}

describe('node-link over WebSockets', () => {
  it('carries frames of two nodes that know the secret, both ways, and an end in order', async () => {
    const servers = [await openServer('a'), await openServer('b')] as const
    const topic = linkTopic<{ text: string }>('news')
    const open = ({ id, transport }: Node) => {
      const links = new Links({ self: id, transport, clock: systemClock, random: systemRandom, logger: silentLogger })
      const told: string[] = []
      links.watch({ missed: (node) => told.push(`missed ${node}`) })
      const heard = new Promise<string>((resolve) => links.listen(topic, ({ text }) => resolve(text)))
      const up = new Promise<void>((resolve) => links.watch({ up: () => resolve() }))
      const down = new Promise<void>((resolve) => links.watch({ down: () => resolve() }))
      links.setPeers(servers)
      return { links, heard, up, told, down }
    }
    const [a, b] = [open(servers[0]), open(servers[1])]
    await Promise.all([a.up, b.up])
    a.links.send('b', topic, { text: 'from a' })
    b.links.broadcast(topic, { text: 'from b' })
    expect(await Promise.all([a.heard, b.heard])).toEqual(['from b', 'from a'])
    await expect.poll(() => a.links.timeAt('b', 0)).toBeCloseTo(0, -1)
    b.links.setPeers([])
    a.links.close()
    await b.down
    expect(b.told).toEqual([])
    b.links.close()
  })

  it('a broken wire is dialled again', async () => {
    const [one, other] = [await openServer('a'), await openServer('b')]
    const { transport } = one
    const links = new Links({ self: 'a', transport, clock: systemClock, random: systemRandom, logger: silentLogger })
    const accepted: Wire[] = []
    other.transport.serve((_from, wire) => {
      accepted.push(wire)
      return { message: () => {}, closed: () => {} }
    })
    links.setPeers([other])
    await expect.poll(() => accepted.length).toBe(1)
    accepted[0]?.terminate()
    await expect.poll(() => accepted.length).toBe(2)
    links.close()
  })

  it('who lacks the secret gets in nowhere, and lets nobody in', async () => {
    const [ours, theirs] = [await openServer('a'), await openServer('b', 'theirs')]
    for (const node of [ours, theirs]) node.transport.serve(() => ({ message: () => {}, closed: () => {} }))
    expect(await dial(theirs, ours).outcome).toBe('refused')
    expect(await dial(ours, theirs).outcome).toBe('refused')
    expect(await dial(ours, ours).outcome).toBe('opened')
  })

  it('one that is somebody else than was dialled gets nothing: an address that was used before', async () => {
    const [one, other] = [await openServer('a'), await openServer('b')]
    other.transport.serve(() => ({ message: () => {}, closed: () => {} }))
    expect(await dial(one, { id: 'c', link: other.link }).outcome).toBe('refused')
    expect(await dial(one, { id: 'b', link: 'http://127.0.0.1:9' }).outcome).toBe('refused')
  })

  it('K5: what comes from a page is turned away, whatever it knows', async () => {
    const { link } = await openServer('a')
    const terms = { 'parley-node': 'b', 'parley-to': 'a', 'parley-nonce': 'n' }
    expect(await knock(link, { ...terms, origin: 'http://127.0.0.1' })).toMatchObject({ status: 403 })
    expect(await knock(link, terms)).toMatchObject({ status: 401 })
    expect(await knock(link, {})).toMatchObject({ status: 404 })
  })

  it('a proof that was overheard opens nothing a second time', async () => {
    const [one, other] = [await openServer('a'), await openServer('b')]
    other.transport.serve(() => ({ message: () => {}, closed: () => {} }))
    expect(await dial(one, other).outcome).toBe('opened')
    const overheard = other.requests.at(-1)?.headers as Record<string, string>
    expect(overheard['parley-proof']).toMatch(/.{20}/)
    expect(await knock(other.link, overheard)).toMatchObject({ status: 403 })
  })

  it('a server that lets in without a proof is not believed', async () => {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closers.push(() => {
      for (const client of sockets.clients) client.terminate()
      server.close()
    })
    const link = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await dial(await openServer('a'), { id: 'b', link }).outcome).toBe('refused')
  })
})

describe('a proof', () => {
  const clock = new ManualClock()
  const proof = new LinkProof(key('ours'), clock, seededRandom(1))

  it('holds for its side, its ends and its numbers only', () => {
    const terms = { from: 'a', to: 'b', nonce: proof.nonce(), challenge: proof.challenge() }
    const given = proof.of('dial', terms)
    expect(proof.isProof('dial', terms, given)).toBe(true)
    expect(proof.isProof('accept', terms, given)).toBe(false)
    for (const change of [{ from: 'c' }, { to: 'c' }, { nonce: 'c' }, { challenge: 'c' }]) {
      expect(proof.isProof('dial', { ...terms, ...change }, given)).toBe(false)
    }
  })

  it('is of a fresh challenge, answered once', async () => {
    const [first, second] = [proof.challenge(), proof.challenge()]
    expect(first).not.toBe(second)
    expect([proof.redeem(first), proof.redeem(first)]).toEqual([true, false])
    await clock.advance(5001)
    expect(proof.redeem(second)).toBe(false)
    expect(proof.redeem(new LinkProof(key('theirs'), clock, seededRandom(2)).challenge())).toBe(false)
  })
})
