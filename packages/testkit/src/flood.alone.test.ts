import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { ErrorFrame } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CrowdUser, importUsers, mostMemory, residentMemory } from './crowd.ts'
import { ProcessNode } from './process-node.ts'
import { RawApi } from './raw-api.ts'
import { RawClient } from './raw-client.ts'

/** Limits are on, as they are for everybody who does not turn them off. */
let data: string
let node: ProcessNode
let users: CrowdUser[]

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'parley-flood-'))
  users = await importUsers(data, 6)
  node = await ProcessNode.start({ data })
}, 60_000)

afterAll(async () => {
  await node.close()
  rmSync(data, { recursive: true, force: true })
})

const megabyte = 1024 * 1024

async function connected(user: CrowdUser): Promise<RawClient> {
  const account = { ...user, device: '', username: '', password: '' }
  const { client } = await RawClient.connect({ url: node.url, account })
  return client
}

const directOf = async (user: CrowdUser, peer: CrowdUser): Promise<string> =>
  (await new RawApi(node.url, user.token).direct(peer.user)).id

/** One who behaves, while `trouble` goes on: a message after the other. @returns milliseconds until each was stored */
async function talkDuring(user: CrowdUser, peer: CrowdUser, trouble: () => Promise<unknown>): Promise<number[]> {
  const [client, chat] = [await connected(user), await directOf(user, peer)]
  const took: number[] = []
  let over = false
  const end = trouble().finally(() => {
    over = true
  })
  for (let n = 0; !over || n < 20; n++) {
    const started = performance.now()
    expect(await client.send(chat, `t${n}`, { text: 'served' })).toMatchObject({ t: 'ok' })
    took.push(performance.now() - started)
    await wait(120)
  }
  await end
  client.drop()
  return took.sort((a, b) => a - b)
}

const worst = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length * 0.95)]!

/** Upgrades and hangs up again. */
function knock(): Promise<{ status: number; retryAfter: number }> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  }
  return new Promise((resolve, reject) => {
    const asked = request(`${node.url}/v1/socket`, { headers, agent: false }, (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, retryAfter: Number(response.headers['retry-after']) })
    })
    asked.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve({ status: 101, retryAfter: 0 })
    })
    asked.on('error', reject)
    asked.end()
  })
}

async function refusalsCounted(code: string): Promise<number> {
  const metrics = await (await fetch(`${node.url}/metrics`)).text()
  return Number(new RegExp(`^parley_refusals_total\\{code="${code}"\\} (\\d+)$`, 'm').exec(metrics)?.[1])
}

describe('with limits on, one who floods', () => {
  it('C2: over a socket is told when to come back, and others are served', { timeout: 60_000 }, async () => {
    const [flooder, other, ann, bob] = users as [CrowdUser, CrowdUser, CrowdUser, CrowdUser]
    const client = await connected(flooder)
    const chat = await directOf(flooder, other)
    const count = 20_000
    let stored = 0
    const refused: ErrorFrame[] = []
    const answered = new Promise<void>((resolve) => {
      client.listen((frame) => {
        if (frame.t === 'ok') stored++
        if (frame.t === 'error') refused.push(frame)
        if (stored + refused.length === count) resolve()
      })
    })
    const before = residentMemory(node.pid)
    const flood = async (): Promise<void> => {
      for (let n = 0; n < count; n++) {
        client.startSend(chat, `f${n}`, { text: 'flood' })
        if (n % 200 === 0) await turn()
      }
      await answered
    }
    let took: number[] = []
    const most = await mostMemory(node.pid, async () => {
      took = await talkDuring(ann, bob, flood)
    })
    expect(worst(took)).toBeLessThan(500)
    // Twice the limit of a minute at most: what is saved up, and what comes back meanwhile.
    expect(stored).toBeGreaterThanOrEqual(600)
    expect(stored).toBeLessThanOrEqual(1200)
    expect(refused.length).toBe(count - stored)
    for (const { code, retryAfter } of refused) {
      expect(code).toBe('rate_limited')
      expect(retryAfter).toBeGreaterThan(0)
    }
    expect(await refusalsCounted('rate_limited')).toBeGreaterThanOrEqual(refused.length)
    expect(most - before).toBeLessThan(96 * megabyte)
    // Whoever comes back when told is served.
    const first = `f${stored}`
    const again = await client.send(chat, first, { text: 'flood' })
    if (again.t === 'error') await wait(again.retryAfter)
    expect(again.t === 'ok' ? again : await client.send(chat, first, { text: 'flood' })).toMatchObject({ t: 'ok' })
    client.drop()
  })

  it('C2: over HTTP gets 429 with Retry-After, and others are served', { timeout: 60_000 }, async () => {
    const [, , ann, bob, flooder, other] = users as [CrowdUser, CrowdUser, CrowdUser, CrowdUser, CrowdUser, CrowdUser]
    const api = new RawApi(node.url, flooder.token)
    const path = `/v1/conversations/${await directOf(flooder, other)}/messages`
    const statuses = new Map<number, number>()
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < 3000) {
        const body = { clientMessageId: `h${next++}`, content: { text: 'flood' } }
        const { status, headers, body: problem } = await api.request('POST', path, body)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        if (status === 201) continue
        expect(problem).toMatchObject({ status: 429, code: 'rate_limited' })
        expect((problem as { retryAfter: number }).retryAfter).toBeGreaterThan(0)
        expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      }
    }
    const took = await talkDuring(ann, bob, () => Promise.all(Array.from({ length: 16 }, worker)))
    expect(worst(took)).toBeLessThan(500)
    expect([...statuses.keys()].sort()).toEqual([201, 429])
    expect(statuses.get(201)).toBeGreaterThanOrEqual(600)
    expect(statuses.get(201)).toBeLessThanOrEqual(1200)
  })

  it('C2: with connections is refused at the door, and who is in is served', { timeout: 60_000 }, async () => {
    const [, , ann, bob] = users as [CrowdUser, CrowdUser, CrowdUser, CrowdUser]
    const answers: { status: number; retryAfter: number }[] = []
    const flood = async (): Promise<void> => {
      while (answers.length < 1500) answers.push(...(await Promise.all(Array.from({ length: 25 }, knock))))
    }
    const before = await refusalsCounted('rate_limited')
    const took = await talkDuring(ann, bob, flood)
    expect(worst(took)).toBeLessThan(500)
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(300)
    expect(refused.length + answers.filter(({ status }) => status === 101).length).toBe(answers.length)
    expect(refused.every(({ retryAfter }) => retryAfter >= 1)).toBe(true)
    expect(await refusalsCounted('rate_limited')).toBe(before + refused.length)
  })
})
