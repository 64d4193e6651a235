import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { ErrorCode } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { MemoryRateLimiter } from '../adapters/memory/rate-limiter.ts'
import { startNode } from '../index.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { createDoor } from './door.ts'

const knock = (address: string, origin?: string) =>
  ({ headers: { host: 'chat.test', origin }, socket: { remoteAddress: address } }) as unknown as IncomingMessage

function open(connections: number) {
  const told: ErrorCode[] = []
  const gateway = { connections, accept: () => expect.unreachable('nobody comes in') }
  const settings = { trustedProxies: [], rateLimits: 'on' as const, origins: [] }
  const { door } = createDoor(settings, gateway, new MemoryRateLimiter(new ManualClock()), (code) => told.push(code))
  return { door, told }
}

describe('the door of sockets', () => {
  it('K5: refuses pages of other origins, and tells so', () => {
    const { door, told } = open(0)
    expect(door.refuse(knock('192.0.2.1', 'https://chat.test'))).toBeUndefined()
    expect(told).toEqual([])
    expect(door.refuse(knock('192.0.2.1', 'https://evil.test'))).toMatchObject({ status: 403 })
    expect(told).toEqual(['forbidden'])
  })

  it('C2: refuses an address that knocks too often, says when to come back, and lets others in', () => {
    const { door, told } = open(0)
    const answers = Array.from({ length: 1000 }, () => door.refuse(knock('192.0.2.1')))
    const refused = answers.filter((answer) => answer !== undefined)
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]?.status).toBe(429)
    expect(Number(refused[0]?.headers?.['Retry-After'])).toBeGreaterThan(0)
    expect(told).toEqual(refused.map(() => 'rate_limited'))
    expect(door.refuse(knock('198.51.100.1'))).toBeUndefined()
  })

  it('C2: refuses when there is no room, and says when to come back', () => {
    const { door, told } = open(20_000)
    expect(door.refuse(knock('192.0.2.1'))).toEqual({ status: 503, headers: { 'Retry-After': '5' } })
    expect(told).toEqual(['unavailable'])
  })
})

it('refusals at the door, and of the HTTP layer, are in the metrics', async () => {
  const node = await startNode({ store: 'memory', port: 0, logLevel: 'silent' })
  try {
    const headers = ['Host: x', 'Origin: https://evil.test', 'Connection: Upgrade', 'Upgrade: websocket']
    const answer = await ask(node.port, `GET /v1/socket HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    expect(answer).toContain('HTTP/1.1 403')
    expect((await fetch(`${node.url}/nothing/here`)).status).toBe(404)
    const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' }
    expect((await fetch(`${node.url}/v1/sessions`, body)).status).toBe(400)
    const metrics = await (await fetch(`${node.url}/metrics`)).text()
    for (const code of ['forbidden', 'not_found', 'invalid']) {
      expect(metrics).toContain(`parley_refusals_total{code="${code}"} 1`)
    }
  } finally {
    await node.close()
  }
})

function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}
