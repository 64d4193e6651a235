import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { s3 as engine } from '../../../../../engines/s3/s3.ts'
import { type OwnEngine, startOwn } from '../../lib/own-engine.contract.ts'
import { unique, until } from '../../lib/stores.contract.ts'
import { bytesOf, keyOf } from '../../media/blob-store.contract.ts'
import type { BlobStore } from '../../media/blob-store.ts'
import { missing, server, TestBucket } from './test-buckets.contract.ts'

const bytes = bytesOf(16 * 1024 * 1024)
const key = keyOf(bytes)

describe.skipIf(server === '')(`S3 in trouble${missing}`, () => {
  let own: OwnEngine
  let blobs: BlobStore
  let close: () => Promise<void>
  beforeEach(async () => {
    own = await startOwn(engine)
    const bucket = await TestBucket.make(own.variables.S3_ENDPOINT as string)
    const stores = await bucket.open()
    blobs = (await stores.node()).blobs
    close = stores.close
    await blobs.put(key, Readable.from([Buffer.from(bytes)]), bytes.length)
  })
  afterEach(async () => {
    await close()
    await own.stop()
  })

  const calls = () => [
    blobs.begin({ id: unique('m'), size: 10, type: 'image/png' }),
    blobs.finish(unique('m'), 10),
    blobs.keep(unique('m'), key),
    blobs.discard(unique('m')),
    blobs.put(keyOf(bytesOf(10)), Readable.from([Buffer.from(bytesOf(10))]), 10),
    blobs.read({ key }),
    blobs.remove(unique('k')),
    blobs.cool(key),
    blobs.restore(key),
  ]
  /** Milliseconds until all of it was refused. */
  const refused = async () => {
    const started = performance.now()
    for (const outcome of await Promise.allSettled(calls())) {
      const reason = { code: 'unavailable', retryAfter: expect.any(Number) }
      expect(outcome).toMatchObject({ status: 'rejected', reason })
    }
    return performance.now() - started
  }
  const works = async () => keyOf(await buffer(await blobs.read({ key }))) === key

  it('killed: calls are refused soon, and answered once it is back; what was stored is there', async () => {
    expect(await works()).toBe(true)
    await own.node.kill()
    expect(await refused()).toBeLessThan(3000)
    await own.node.start()
    expect(await until(works, 5000)).toBeLessThan(3000)
  })

  it('frozen: calls are refused in bounded time, and answered once it goes on', { timeout: 60_000 }, async () => {
    await own.node.freeze()
    expect(await refused()).toBeLessThan(12_000)
    own.node.thaw()
    expect(await until(works, 10_000)).toBeLessThan(8000)
  })

  it('killed while it is read: the stream fails, and does not end as if it were whole', async () => {
    const stream = await blobs.read({ key })
    const first = await new Promise((resolve) => stream.once('data', resolve))
    expect(first).toBeDefined()
    stream.pause()
    await own.node.kill()
    await expect(buffer(stream)).rejects.toThrow()
  })

  it('frozen while it is read: the stream fails in bounded time', { timeout: 60_000 }, async () => {
    const stream = await blobs.read({ key })
    await new Promise((resolve) => stream.once('data', resolve))
    stream.pause()
    await own.node.freeze()
    const started = performance.now()
    await expect(buffer(stream)).rejects.toThrow()
    expect(performance.now() - started).toBeLessThan(15_000)
    own.node.thaw()
  })

  it('more calls than it can take are refused at once, and do not pile up', { timeout: 60_000 }, async () => {
    await own.node.freeze()
    const many = Array.from({ length: 600 }, () => blobs.restore(key).then(String, (error: Error) => error.message))
    const started = performance.now()
    const messages = await Promise.all(many)
    expect(performance.now() - started).toBeLessThan(8000)
    expect(messages.filter((message) => message === 'The object store is busy.')).toHaveLength(600 - 256)
    own.node.thaw()
    expect(await until(works, 10_000)).toBeLessThan(8000)
  })
})
