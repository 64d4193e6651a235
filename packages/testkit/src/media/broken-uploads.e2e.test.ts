import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Media, MessagePage, Upload } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ProcessNode } from '../process-node.ts'
import { RawApi, register } from '../raw-api.ts'
import { announce, download, sendBytes, sha256, uploadMedia } from './raw-media.ts'

let folder: string
let node: ProcessNode
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-broken-'))
  node = await ProcessNode.start({ data: join(folder, 'data'), args: ['--rate-limits', 'off'] })
}, 60_000)
afterAll(async () => {
  await node.kill9()
  await rm(folder, { recursive: true, force: true })
})

const noise = (size: number, seed: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => (Math.imul(index + seed, 2654435761) >>> 16) & 0xff)

/** Sends the bytes from..to of what it says will be all of them, and breaks the connection. */
function sendAndBreak({ url, method, headers }: Upload, bytes: Uint8Array, from: number, to: number): Promise<void> {
  return new Promise((resolve) => {
    const length = String(bytes.length - from)
    const asked = request(url, {
      method,
      headers: { ...headers, 'upload-offset': String(from), 'content-length': length },
    })
    asked.on('error', () => resolve())
    asked.on('close', () => resolve())
    asked.on('response', () => resolve())
    asked.write(bytes.subarray(from, to), () => asked.socket?.end())
  })
}

const residentBytes = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${node.pid}/status`, 'utf8'))?.[1]) * 1024

/** How far it came, by the tus `HEAD`; asked again while the server lets go of what broke. */
async function offsetOf({ url }: Upload): Promise<number> {
  const answer = await fetch(url, { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
  if (!answer.ok) throw new Error(`HEAD was answered ${answer.status}`)
  return Number(answer.headers.get('upload-offset'))
}

describe('uploads that break', () => {
  it('M1: at 60 points, each goes on where it was, and what was stored is what was sent', async () => {
    const account = await register(node.url)
    const api = new RawApi(node.url, account.token)
    const size = 600_000
    const points = Array.from({ length: 60 }, (_, index) => Math.floor((index * size) / 60) + (index % 7))
    let resumed = 0
    for (const [index, point] of points.entries()) {
      const bytes = noise(size, index)
      const { id, upload } = await announce(api, bytes)
      await sendAndBreak(upload, bytes, 0, point)
      let offset = await offsetOf(upload)
      // Some break a second time.
      if (index % 5 === 0) {
        await sendAndBreak(upload, bytes, offset, Math.min(size - 1, offset + 50_000))
        offset = await offsetOf(upload)
      }
      expect(offset).toBeLessThanOrEqual(size)
      if (offset > 0) resumed++
      for (let left = 5; ; left--) {
        try {
          await sendBytes(upload, bytes, offset)
          break
        } catch (error) {
          // Bytes of the broken request that were still on their way.
          if (left === 0) throw error
          offset = await offsetOf(upload)
        }
      }
      await api.call('POST', `/v1/media/${id}/complete`, {})
      expect(sha256((await download(api, id)).bytes), `broken at ${point}`).toBe(sha256(bytes))
    }
    expect(resumed).toBeGreaterThan(40)
  }, 120_000)

  it('I10: what was answered is there after kill -9: uploads go on, complete media are sent and read', async () => {
    const [ann, bob] = [await register(node.url), await register(node.url)]
    const api = new RawApi(node.url, ann.token)
    const chat = await api.direct(bob.user)
    const delivered: Media[] = []
    for (let round = 0; round < 3; round++) {
      const media = await uploadMedia(api, noise(300_000, round))
      const half = noise(400_000, 100 + round)
      const { id, upload } = await announce(api, half)
      await sendAndBreak(upload, half, 0, 200_000)
      await node.kill9()
      await node.start()
      await api.call('POST', `/v1/conversations/${chat.id}/messages`, {
        clientMessageId: `m${round}`,
        content: { media: { id: media.id } },
      })
      const again = await api.call<{ upload: Upload }>('GET', `/v1/media/${id}/upload`)
      await sendBytes(again.upload, half, await offsetOf(again.upload))
      delivered.push(media, await api.call<Media>('POST', `/v1/media/${id}/complete`, {}))
      const content = { media: { id } }
      const sending = api.request('POST', `/v1/conversations/${chat.id}/messages`, {
        clientMessageId: `h${round}`,
        content,
      })
      const ended = sending.catch(() => undefined)
      await node.kill9()
      await ended
      await node.start()
      await api.call('POST', `/v1/conversations/${chat.id}/messages`, { clientMessageId: `h${round}`, content })
    }
    const other = new RawApi(node.url, bob.token)
    const page = await other.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages`)
    expect(page.items.map(({ content }) => content.media?.id).sort()).toEqual(delivered.map(({ id }) => id).sort())
    for (const { id, size } of delivered) expect((await download(other, id)).bytes.length).toBe(size)
  }, 120_000)

  it('M1, M3: 100 MiB pass in constant memory, both ways', async () => {
    const account = await register(node.url)
    const api = new RawApi(node.url, account.token)
    await download(api, (await uploadMedia(api, noise(20 * 1024 * 1024, 8))).id)
    const bytes = noise(100 * 1024 * 1024, 9)
    const before = residentBytes()
    let most = 0
    const watching = setInterval(() => {
      most = Math.max(most, residentBytes())
    }, 20)
    const media = await uploadMedia(api, bytes)
    const read = await download(api, media.id)
    clearInterval(watching)
    expect(sha256(read.bytes)).toBe(sha256(bytes))
    expect((most - before) / 2 ** 20).toBeLessThan(64)
  }, 120_000)
})
