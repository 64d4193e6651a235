import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp, { type Sharp } from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { SharpImageProcessor } from './image-processor.ts'

let folder: string
let images: SharpImageProcessor
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-images-'))
  images = new SharpImageProcessor(systemClock, folder)
})
afterEach(async () => {
  images.close()
  await rm(folder, { recursive: true })
})

const flat = (width: number, height: number): Sharp =>
  sharp({ create: { width, height, channels: 3, background: { r: 40, g: 120, b: 200 } } })

const place = {
  IFD0: { Make: 'Camera', Software: 'secret' },
  IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '48/1 12/1 30/1', GPSLongitudeRef: 'E', GPSLongitude: '16/1 22/1 0/1' },
}

async function process(bytes: Uint8Array, type: string) {
  const path = join(folder, 'upload')
  await writeFile(path, bytes)
  return images.process(path, type, folder)
}

/** What the worker used at most, in MB; while it lives. */
const peak = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${images.pid}/status`, 'utf8'))?.[1]) / 1024

describe('images', () => {
  it.each([
    ['image/jpeg', (image: Sharp) => image.jpeg()],
    ['image/png', (image: Sharp) => image.png()],
    ['image/webp', (image: Sharp) => image.webp()],
    ['image/avif', (image: Sharp) => image.avif({ effort: 0 })],
  ])('M2: %s keeps how it is turned, and nothing of where it was taken', async (type, encode) => {
    const bytes = await encode(flat(300, 200).withExif(place).withMetadata({ orientation: 6 })).toBuffer()
    expect(bytes.includes('secret') || (await sharp(bytes).metadata()).exif).toBeTruthy()
    const made = await process(bytes, type)
    for (const { path } of [made.original, made.preview, made.thumb]) {
      const { exif, xmp, iptc, orientation } = await sharp(path).metadata()
      expect([exif, xmp, iptc, orientation]).toEqual([undefined, undefined, undefined, undefined])
      expect(readFileSync(path).includes('secret')).toBe(false)
    }
    expect([made.width, made.height]).toEqual([200, 300])
    expect(Buffer.from(made.thumbhash, 'base64').length).toBeGreaterThan(4)
    expect(made.original.size).toBe(readFileSync(made.original.path).length)
  })

  it('M2: one that is too large to be turned in memory is told to be turned, and nothing else', async () => {
    const bytes = await flat(6000, 4200).jpeg().withExif(place).withMetadata({ orientation: 6 }).toBuffer()
    const made = await process(bytes, 'image/jpeg')
    expect([made.width, made.height]).toEqual([4200, 6000])
    const stored = readFileSync(made.original.path)
    expect((await sharp(stored).metadata()).orientation).toBe(6)
    expect(stored.includes('Camera') || stored.includes('secret') || stored.includes('GPS')).toBe(false)
    expect(await sharp(made.thumb.path).metadata()).toMatchObject({ width: 224, height: 320 })
  })

  it('moving ones move still', async () => {
    const frame = Buffer.alloc(100 * 80 * 3, 90)
    const raw = { width: 100, height: 80 * 5, channels: 3 as const, pageHeight: 80 }
    const frames = Buffer.concat([0, 40, 80, 120, 160].map((light) => frame.map(() => light)))
    const gif = await sharp(frames, { raw })
      .gif({ delay: [50, 50, 50, 50, 50] })
      .toBuffer()
    const made = await process(gif, 'image/gif')
    expect([made.width, made.height]).toEqual([100, 80])
    expect((await sharp(made.original.path).metadata()).pages).toBe(5)
  })

  it('bombs cost little, and the next image is none the worse', async () => {
    const bombs: [string, string, Uint8Array][] = [
      ['65,000 × 65,000 PNG', 'image/png', hugePng(65_000, 65_000)],
      ['PNG whose rows never come', 'image/png', hugePng(6000, 6000)],
      ['PNG at the limit', 'image/png', await sharp(flatOptions(6900, 6900)).png().toBuffer()],
      ['GIF of 5000 frames', 'image/gif', manyFrames(5000)],
      ['WebP at the limit', 'image/webp', await sharp(flatOptions(5400, 5400)).webp({ lossless: true }).toBuffer()],
      ['JPEG that ends early', 'image/jpeg', (await flat(4000, 3000).jpeg().toBuffer()).subarray(0, 9000)],
      ['noise', 'image/jpeg', Uint8Array.from({ length: 10_000 }, (_, index) => (index * 7919) & 0xff)],
      ['SVG', 'image/png', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ]
    for (const [name, type, bytes] of bombs) {
      await process(bytes, type).catch((error) => expect(error, name).toMatchObject({ code: 'unsupported_media' }))
      // One that took too much is dead.
      if (images.pid !== undefined) expect(peak(), name).toBeLessThan(240)
    }
    expect(await process(await flat(20, 10).png().toBuffer(), 'image/png')).toMatchObject({ width: 20, height: 10 })
  }, 60_000)
})

const flatOptions = (width: number, height: number) => ({
  create: { width, height, channels: 4 as const, background: '#123456' },
  limitInputPixels: false as const,
})

/** A PNG that says how large it is, and has next to nothing of it. */
function hugePng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(Buffer.alloc(1_000_000))
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const check = Buffer.alloc(4)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** A GIF whose single dot is shown again and again. */
function manyFrames(count: number): Uint8Array {
  const start = Buffer.from('474946383961e803e80380000000000000ffffff', 'hex')
  const frame = Buffer.from('2c00000000e803e803000002024c01003b'.slice(0, -2), 'hex')
  return Buffer.concat([start, ...Array.from({ length: count }, () => frame), Buffer.from('3b', 'hex')])
}
