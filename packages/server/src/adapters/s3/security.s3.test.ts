import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLogger } from '../../lib/logger.ts'
import { unique } from '../../lib/stores.contract.ts'
import { bytesOf, keyOf } from '../../media/blob-store.contract.ts'
import type { BlobStore } from '../../media/blob-store.ts'
import { S3BlobStore } from './blob-store.ts'
import { S3Connection } from './connection.ts'
import { loadDriver } from './driver.ts'
import { missing, putPart, server, TestBucket } from './test-buckets.contract.ts'

const headers = { type: 'image/png', disposition: 'inline' }
const minute = 60_000

describe.skipIf(server === '')(`what signed URLs of S3 allow${missing}`, () => {
  let bucket: TestBucket
  let blobs: BlobStore
  let close: () => Promise<void>
  beforeAll(async () => {
    bucket = await TestBucket.make(server)
    const stores = await bucket.open()
    blobs = (await stores.node()).blobs
    close = stores.close
  })
  afterAll(async () => {
    await close()
    await bucket.remove()
  })

  const store = async (bytes: Uint8Array): Promise<string> => {
    await blobs.put(keyOf(bytes), Readable.from([Buffer.from(bytes)]), bytes.length)
    return keyOf(bytes)
  }
  const begin = async (size: number) => {
    const id = unique('m')
    const plan = await blobs.begin({ id, size, type: 'image/png' })
    if (plan.by !== 'parts') throw new Error('not in parts')
    return { id, url: plan.parts[0]!.url }
  }
  const put = async (url: string, bytes: Uint8Array) =>
    (await fetch(url, { method: 'PUT', body: Buffer.from(bytes) })).status
  const altered = (url: string, changes: Record<string, string>) => {
    const at = new URL(url)
    for (const [name, value] of Object.entries(changes)) at.searchParams.set(name, value)
    return at.href
  }

  it('a link gives its own object, and nothing else: every part of it is signed (M3)', async () => {
    const [own, other] = [await store(bytesOf(100, 1)), await store(bytesOf(100, 2))]
    const url = (await blobs.link(own, headers, systemClock.now() + minute))!
    expect((await fetch(url)).status).toBe(200)
    const others = [
      url.replace(own, other),
      altered(url, { 'response-content-type': 'text/html' }),
      altered(url, { 'response-content-disposition': 'inline; filename="a.html"' }),
      altered(url, { 'X-Amz-Expires': '604800' }),
      altered(url, { 'X-Amz-Signature': '0'.repeat(64) }),
      url.split('?')[0]!,
    ]
    for (const one of others) expect((await fetch(one)).status, one).toBe(403)
    for (const method of ['PUT', 'DELETE', 'POST']) expect((await fetch(url, { method })).ok, method).toBe(false)
    expect(new Uint8Array(await (await fetch(url)).arrayBuffer())).toEqual(bytesOf(100, 1))
  })

  it('a link ends when it was said to', async () => {
    const key = await store(bytesOf(100, 3))
    const past = { ...systemClock, now: () => systemClock.now() - 10 * minute }
    const connection = new S3Connection(await loadDriver(), bucket.place, past, silentLogger)
    const link = (until: number) =>
      new S3BlobStore(connection, past, undefined).link(key, headers, systemClock.now() + until)
    const url = await link(minute)
    expect(await link(minute), 'the same as long as it is cached').toBe(url)
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(await link(-minute))).status).toBe(403)
    connection.close()
  })

  it('a part is put where it was signed for, as long as was said, and no longer than it was said', async () => {
    const [own, other] = [await begin(100), await begin(100)]
    expect(await put(own.url, bytesOf(101))).toBe(403)
    expect(await put(own.url, bytesOf(99))).toBe(403)
    expect(await put(own.url.replace(own.id, other.id), bytesOf(100))).toBe(403)
    expect(await put(altered(own.url, { partNumber: '2' }), bytesOf(100))).toBe(403)
    const uploadId = new URL(other.url).searchParams.get('uploadId')!
    expect(await put(altered(own.url, { uploadId }), bytesOf(100))).toBe(403)
    expect((await fetch(own.url)).status).toBe(403)
    await expect(blobs.finish(own.id, 100)).rejects.toMatchObject({ code: 'conflict' })
    await putPart(own.url, bytesOf(100))
    expect(await blobs.finish(own.id, 100)).toBe(100)
    await blobs.discard(other.id)
  })

  it('what was put together is not changed any more, neither by old URLs nor by a second upload', async () => {
    const { id, url } = await begin(100)
    await putPart(url, bytesOf(100, 4))
    await blobs.finish(id, 100)
    expect(await put(url, bytesOf(100, 5))).toBe(404)
    const again = await blobs.begin({ id, size: 100, type: 'image/png' })
    expect(again).toMatchObject({ parts: [{ stored: true, url: '' }] })
    expect(await blobs.finish(id, 100)).toBe(100)
    expect(new Uint8Array(await buffer(await blobs.read({ upload: id })))).toEqual(bytesOf(100, 4))
    await blobs.keep(id, keyOf(bytesOf(100, 4)))
    expect(await put(url, bytesOf(100, 5))).toBe(404)
  })

  it('other bytes than those that were checked are not kept', async () => {
    const { id, url } = await begin(100)
    await putPart(url, bytesOf(100, 6))
    await blobs.finish(id, 100)
    await buffer(await blobs.read({ upload: id }))
    // Somebody else’s node, at the same moment, gives it up and takes it anew.
    const stores = await bucket.open()
    const other = (await stores.node()).blobs
    await other.discard(id)
    const plan = await other.begin({ id, size: 100, type: 'image/png' })
    if (plan.by !== 'parts') throw new Error('not in parts')
    await putPart(plan.parts[0]!.url, bytesOf(100, 7))
    await other.finish(id, 100)
    await stores.close()
    const key = keyOf(bytesOf(100, 6))
    await expect(blobs.keep(id, key)).rejects.toMatchObject({ code: 'conflict' })
    await expect(blobs.read({ key })).rejects.toMatchObject({ code: 'not_found' })
    await blobs.discard(id)
  })

  it('a server with wrong keys is told so, as something that may be mended', async () => {
    const place = { ...bucket.place, credentials: { accessKeyId: 'parley', secretAccessKey: 'another' } }
    const lines: string[] = []
    const logger = { ...silentLogger, warn: (_: object, text: string) => lines.push(text) }
    const connection = new S3Connection(await loadDriver(), place, systemClock, logger)
    const wrong = new S3BlobStore(connection, systemClock, undefined)
    const asked = wrong.begin({ id: unique('m'), size: 1 })
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1000 })
    expect(lines).toEqual(['The object store is away'])
    connection.close()
  })
})
