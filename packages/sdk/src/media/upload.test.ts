import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ParleyError } from '../lib/errors.ts'
import { RealServer, userOf } from '../testing/real-server.ts'
import { until } from '../testing/until.ts'

let server: RealServer
beforeAll(async () => {
  server = await RealServer.start()
})
afterAll(() => server.stop())

const megabytes = (count: number): Uint8Array => new Uint8Array(randomBytes(count * 1024 * 1024))

describe('uploads', () => {
  it('M1–M3: a file is uploaded, sent, and read by the other one', async () => {
    const [ann, bob] = [await server.newUser(), await server.newUser()]
    const bytes = megabytes(5)
    const progress: number[] = []
    const file = new File([bytes.slice()], 'notes.bin', { type: 'application/octet-stream' })
    const media = await ann.media.upload(file, { onProgress: (sent) => progress.push(sent) })
    expect(media).toMatchObject({ size: bytes.length, name: 'notes.bin' })
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.at(-1)).toBe(bytes.length)
    const chat = await ann.direct(userOf(bob))
    await chat.send({ media: { id: media.id } })
    await until('there', () => bob.conversations()[0]?.lastMessage?.content.media?.id === media.id)
    expect(Buffer.from(await bob.media.download(media.id)).equals(bytes)).toBe(true)
    expect(await ann.media.usage()).toMatchObject({ bytes: bytes.length, count: 1 })
  })

  it('M1: pauses, goes on, and goes on in another process where it was', async () => {
    let cut = false
    const breaking: typeof fetch = async (input, init) => {
      if (cut && init?.method === 'PATCH') throw new TypeError('the network is gone')
      return fetch(input, init)
    }
    const ann = await server.newUser({ fetch: breaking as never })
    const bytes = megabytes(9)
    const announced = Promise.withResolvers<string>()
    const sent: number[] = []
    const task = ann.media.startUpload(bytes, {
      onAnnounced: announced.resolve,
      onProgress: (there) => sent.push(there),
    })
    await until('some of it is there', () => (sent.at(-1) ?? 0) > 0)
    task.pause()
    const at = sent.at(-1)
    expect(task.paused).toBe(true)
    cut = true
    task.resume()
    const id = await announced.promise
    // The process ends here, and another one knows the id.
    task.cancel()
    await expect(task.done).rejects.toThrow('cancelled')
    cut = false
    const again: number[] = []
    const media = await ann.media.upload(bytes, { id, onProgress: (there) => again.push(there) })
    expect(media.id).toBe(id)
    expect(again[0]).toBeGreaterThanOrEqual(at ?? 0)
    expect(Buffer.from(await ann.media.download(id)).equals(bytes)).toBe(true)
  })

  it('M1: goes on when the server was gone for a while', async () => {
    const ann = await server.newUser()
    const bytes = megabytes(12)
    let restarted: Promise<void> | undefined
    const media = await ann.media.upload(bytes, {
      onProgress: (sent) => {
        if (sent > 0) restarted ??= server.restart()
      },
    })
    await restarted
    expect(Buffer.from(await ann.media.download(media.id)).equals(bytes)).toBe(true)
  })

  it('C5: what is refused is told', async () => {
    const ann = await server.newUser()
    const huge = { size: 10 ** 12, slice: async () => new Uint8Array(1024) }
    const create = { size: huge.size, type: 'video/mp4', sha256: '0'.repeat(64) }
    await expect(ann.media.create(create)).rejects.toMatchObject({ code: 'too_large' })
    await expect(ann.media.url('0')).rejects.toBeInstanceOf(ParleyError)
  })
})
