import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Conversation, MessagePage, OkFrame } from '@parley/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { slowFsyncEnv } from '../../../engines/slow-fsync/build.ts'
import { ProcessNode } from './process-node.ts'
import { type Account, RawApi, register } from './raw-api.ts'
import { RawClient } from './raw-client.ts'

let folder: string
let node: ProcessNode | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-storage-'))
})

afterEach(async () => {
  await node?.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Talk {
  api: RawApi
  client: RawClient
  chat: Conversation
  alice: Account
}

async function talk(url: string): Promise<Talk> {
  const [alice, bob] = (await Promise.all([register(url), register(url)])) as [Account, Account]
  const api = new RawApi(url, alice.token)
  const chat = await api.direct(bob.user)
  const { client } = await RawClient.connect({ url, account: alice })
  return { api, client, chat, alice }
}

const stored = async (api: RawApi, chat: Conversation): Promise<number[]> => {
  const page = await api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages?limit=200`)
  return page.items.map((message) => message.seq)
}

describe('a disk that misbehaves', () => {
  it('D1: a slow flush delays the answer and loses nothing', async () => {
    node = await ProcessNode.start({ data: folder, env: slowFsyncEnv({ ms: 50, under: folder }) })
    const { api, client, chat } = await talk(node.url)
    const started = performance.now()
    const refs = Array.from({ length: 50 }, (_, index) => client.startSend(chat.id, `m${index}`, { text: `${index}` }))
    for (const ref of refs) expect(await client.answerTo(ref)).toMatchObject({ t: 'ok' })
    const took = performance.now() - started
    expect(took).toBeGreaterThan(45)
    // Flushed together: fifty flushes one after the other would take more than two seconds.
    expect(took).toBeLessThan(2000)
    await node.kill9()
    await node.start()
    expect(await stored(api, chat)).toHaveLength(50)
  })

  it('a failed flush ends the process at once; what was answered is there after a restart', {
    timeout: 60_000,
  }, async () => {
    const failing = join(tmpdir(), `parley-failing-${process.pid}`)
    node = await ProcessNode.start({ data: folder, env: slowFsyncEnv({ errno: 5, while: failing, under: folder }) })
    const { api, client, chat } = await talk(node.url)
    const answered: number[] = []
    for (let index = 0; index < 10; index++) {
      const ok = (await client.send(chat.id, `m${index}`, { text: 'kept' })) as OkFrame
      answered.push(ok.seq as number)
    }
    writeFileSync(failing, '')
    try {
      const ref = client.startSend(chat.id, 'unknown', { text: 'nobody knows' })
      const outcome = await client.answerTo(ref).catch(() => undefined)
      expect(outcome?.t).not.toBe('ok')
      expect((await node.exited()).signal).toBe('SIGKILL')
    } finally {
      rmSync(failing, { force: true })
    }
    await node.start()
    expect(await stored(api, chat)).toEqual(expect.arrayContaining(answered))
  })

  it('a full disk refuses writes, says so, goes on reading, and takes writes again', { timeout: 60_000 }, async () => {
    const disk = join(folder, 'disk')
    execFileSync('mkdir', [disk])
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk])
    try {
      node = await ProcessNode.start({ data: join(disk, 'data') })
      const { api, client, chat } = await talk(node.url)
      const answered: number[] = []
      for (let index = 0; index < 5; index++) {
        answered.push(((await client.send(chat.id, `m${index}`, { text: 'kept' })) as OkFrame).seq as number)
      }
      const ballast = join(disk, 'ballast')
      try {
        writeFileSync(ballast, Buffer.alloc(24 * 1024 * 1024))
      } catch {
        // Full is what it should be.
      }
      let refused: unknown
      for (let index = 0; index < 200 && refused === undefined; index++) {
        const answer = await client.send(chat.id, `full${index}`, { text: 'x'.repeat(10_000) })
        if (answer.t === 'ok') answered.push(answer.seq as number)
        else refused = answer
      }
      expect(refused).toMatchObject({ t: 'error', code: 'unavailable' })
      expect((refused as { retryAfter: number }).retryAfter).toBeGreaterThan(0)
      expect((await api.request('GET', '/readyz')).status).toBe(503)
      expect((await api.request('GET', '/healthz')).status).toBe(200)
      expect(await stored(api, chat)).toEqual(answered)
      rmSync(ballast)
      await expect
        .poll(
          async () =>
            (
              await api.request('POST', `/v1/conversations/${chat.id}/messages`, {
                clientMessageId: 'again',
                content: { text: 'room' },
              })
            ).status,
          { timeout: 15_000 },
        )
        .toBeLessThan(300)
      expect((await api.request('GET', '/readyz')).status).toBe(200)
      await node.kill9()
      await node.start()
      expect(await stored(api, chat)).toEqual([...answered, (answered.at(-1) as number) + 1])
    } finally {
      await node?.close()
      node = undefined
      execFileSync('umount', ['-l', disk])
    }
  })
})
