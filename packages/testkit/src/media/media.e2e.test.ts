import type { Message, MessagePage, OkFrame } from '@parley/protocol'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Person, World } from '../conformance/world.ts'
import { announce, download, sendBytes, uploadMedia } from './raw-media.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

const text = (words: string): Uint8Array => new TextEncoder().encode(words)

const picture = (width = 600, height = 400) => sharp({ create: { width, height, channels: 3, background: '#4a7' } })

describe('media', () => {
  it('M1–M3: what was uploaded is sent, and read by a member as it was', async () => {
    const [ann, bob] = (await world.people(2)) as [Person, Person]
    const chat = await ann.api.direct(bob.user)
    const bytes = text('minutes of the meeting '.repeat(5000))
    const media = await uploadMedia(ann.api, bytes, { type: 'text/plain', name: 'minutes.txt' })
    expect(media).toEqual({ id: media.id, type: 'text/plain', size: bytes.length, name: 'minutes.txt' })
    const { client } = await ann.connect()
    const { client: there } = await bob.connect()
    const sent = (await client.send(chat.id, 'm1', { media: { id: media.id, caption: 'hi' } })) as OkFrame
    expect(sent).toMatchObject({ t: 'ok', seq: 1 })
    const event = await there.waitFor((frame) => frame.t === 'event' && frame.update.kind === 'message')
    expect(event).toMatchObject({ update: { content: { media: { ...media, caption: 'hi' } } } })
    const page = await bob.api.call<MessagePage>('GET', `/v1/conversations/${chat.id}/messages`)
    expect((page.items[0] as Message).content).toEqual({ media: { ...media, caption: 'hi' } })
    const read = await download(bob.api, media.id)
    expect(read.status).toBe(200)
    expect(Buffer.from(read.bytes).equals(bytes)).toBe(true)
    const part = await download(bob.api, media.id, { headers: { range: 'bytes=100-199' } })
    expect(part.status).toBe(206)
    expect(Buffer.from(part.bytes).equals(bytes.subarray(100, 200))).toBe(true)
    expect(part.headers.get('content-range')).toBe(`bytes 100-199/${bytes.length}`)
  })

  it('M2: an image loses place and camera, keeps its orientation, and has smaller ones', async () => {
    const [ann] = (await world.people(1)) as [Person]
    const taken = await picture()
      .jpeg()
      .withExif({ IFD0: { Make: 'Camera' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 12/1 30/1' } })
      .withMetadata({ orientation: 6 })
      .toBuffer()
    expect((await sharp(taken).metadata()).exif).toBeDefined()
    const media = await uploadMedia(ann.api, taken, { type: 'image/jpeg', name: 'a.jpg' })
    expect(media).toMatchObject({ type: 'image/jpeg', width: 400, height: 600, thumbhash: expect.any(String) })
    const { bytes, headers, origin } = await download(ann.api, media.id)
    const stored = await sharp(bytes).metadata()
    expect(stored.exif).toBeUndefined()
    expect([stored.width, stored.height, stored.orientation]).toEqual([400, 600, undefined])
    expect(bytes.length).toBe(media.size)
    expect(headers.get('content-type')).toBe('image/jpeg')
    expect(headers.get('content-disposition')).toBe('inline; filename="a.jpg"')
    // S3 cannot send these; whoever stands before it does (deploy/Caddyfile).
    if (world.urls.includes(origin)) {
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain('sandbox')
    }
    const thumb = await sharp((await download(ann.api, media.id, { variant: 'thumb' })).bytes).metadata()
    expect(thumb).toMatchObject({ format: 'webp', height: 320 })
  })

  it('M1: what broke goes on; what came wrong comes again', async () => {
    const [ann] = (await world.people(1)) as [Person]
    const bytes = text('0123456789'.repeat(100))
    const { id, upload } = await announce(ann.api, bytes)
    const complete = () => ann.api.request('POST', `/v1/media/${id}/complete`, {})
    expect(await complete()).toMatchObject({ status: 409, body: { code: 'conflict' } })
    const wrong = bytes.slice()
    wrong[500] = 0
    await sendBytes(upload, wrong)
    expect(await complete()).toMatchObject({ status: 400, body: { code: 'invalid', field: 'sha256' } })
    const again = await ann.api.call<{ upload: typeof upload }>('GET', `/v1/media/${id}/upload`)
    await sendBytes(again.upload, bytes)
    expect(await complete()).toMatchObject({ status: 200 })
    expect(await complete()).toMatchObject({ status: 200 })
  })
})
