import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../lib/errors.ts'
import { unique } from '../../lib/stores.contract.ts'
import { type BlobNode, bytesOf, keyOf } from '../../media/blob-store.contract.ts'
import { missing, server, TestBucket } from './test-buckets.contract.ts'

const runs = 20
const bytes = bytesOf(5000)
const key = keyOf(bytes)

/** What may come of losing against another: never an error of another kind. */
const outcome = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

describe.skipIf(server === '')(`two nodes over one bucket, at the same moment${missing}`, () => {
  let bucket: TestBucket
  let nodes: [BlobNode, BlobNode]
  let close: () => Promise<void>
  beforeAll(async () => {
    bucket = await TestBucket.make(server)
    const stores = await bucket.open()
    nodes = [await stores.node(), await stores.node()]
    close = stores.close
  })
  afterAll(async () => {
    await close()
    await bucket.remove()
  })

  const upload = () => ({ id: unique('m'), size: bytes.length, type: 'image/png' })
  const both = <T>(ask: (node: BlobNode) => Promise<T>): Promise<[T, T]> => Promise.all([ask(nodes[0]), ask(nodes[1])])
  const sent = async () => {
    const one = upload()
    await nodes[0].send(one.id, await nodes[0].blobs.begin(one), bytes, 0, bytes.length)
    return one
  }

  it('it is begun twice: whichever URLs the bytes went to, both see them in the end', async () => {
    for (let run = 0; run < runs; run++) {
      const one = upload()
      const plans = await both(({ blobs }) => blobs.begin(one))
      await nodes[run % 2]!.send(one.id, plans[run % 2]!, bytes, 0, bytes.length)
      expect(await both(({ blobs }) => blobs.finish(one.id, one.size))).toEqual([5000, 5000])
      await nodes[0].blobs.discard(one.id)
    }
    expect(await bucket.unfinished()).toBe(0)
  })

  it('it is finished, checked and kept twice: it is there once, whole', async () => {
    for (let run = 0; run < runs; run++) {
      const one = await sent()
      expect(await both(({ blobs }) => blobs.finish(one.id, one.size))).toEqual([5000, 5000])
      const kept = await both(({ blobs }) => outcome(blobs.keep(one.id, key)))
      expect(kept).toEqual([undefined, undefined])
      expect(keyOf(await buffer(await nodes[run % 2]!.blobs.read({ key })))).toBe(key)
      await both(({ blobs }) => blobs.remove(key))
    }
    expect(await bucket.keys()).toEqual([])
  })

  it('it is finished by one and given up by the other: one of both, and nothing stays behind', {
    timeout: 60_000,
  }, async () => {
    for (let run = 0; run < runs; run++) {
      const one = await sent()
      const [finished] = await Promise.all([
        outcome(nodes[0].blobs.finish(one.id, one.size)),
        nodes[1].blobs.discard(one.id),
      ])
      expect([5000, 'conflict']).toContain(finished)
      await nodes[1].blobs.discard(one.id)
      expect(await outcome(nodes[0].blobs.read({ upload: one.id }))).toBe('not_found')
    }
    expect(await bucket.keys()).toEqual([])
    expect(await bucket.unfinished()).toBe(0)
  })

  it('it is kept by one and given up by the other: an object is whole or not there', async () => {
    for (let run = 0; run < runs; run++) {
      const one = await sent()
      await nodes[0].blobs.finish(one.id, one.size)
      const [kept] = await Promise.all([outcome(nodes[0].blobs.keep(one.id, key)), nodes[1].blobs.discard(one.id)])
      if (kept === undefined) expect(keyOf(await buffer(await nodes[1].blobs.read({ key })))).toBe(key)
      else expect(kept).toBe('not_found')
      await nodes[0].blobs.remove(key)
    }
    expect(await bucket.keys()).toEqual([])
  })
})
