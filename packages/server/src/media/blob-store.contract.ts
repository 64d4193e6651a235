import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect } from 'vitest'
import { AppError } from '../lib/errors.ts'
import { eventually, type Rules, retry, type TestStores, unique } from '../lib/stores.contract.ts'
import type { BlobName, BlobStore, ByteRange, UploadPlan } from './blob-store.ts'

/** A blob store, and how a client's bytes get there. */
export interface BlobNode {
  blobs: BlobStore
  /** Brings the bytes `from`..`to` (exclusive) of an upload as its plan says; with parts, those that lie in it. */
  send(id: string, plan: UploadPlan, bytes: Uint8Array, from: number, to: number): Promise<void>
  /** Bytes that more than one part is needed for; without parts any number. */
  several: number
}

export function bytesOf(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let i = 0, state = seed * 2654435761; i < size; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}

export const keyOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const readAll = async (node: BlobNode, name: BlobName, range?: ByteRange): Promise<Uint8Array> =>
  new Uint8Array(await buffer(await retry(() => node.blobs.read(name, range))))

const codeOf = async (run: () => Promise<unknown>): Promise<string> => {
  try {
    await retry(run)
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
  return 'none'
}

const two = async (stores: TestStores<BlobNode>): Promise<[BlobNode, BlobNode]> => [
  await stores.node(1),
  await stores.node(2),
]

async function uploaded(node: BlobNode, bytes: Uint8Array): Promise<string> {
  const upload = { id: unique('m'), size: bytes.length, type: 'application/octet-stream' }
  const plan = await retry(() => node.blobs.begin(upload))
  await node.send(upload.id, plan, bytes, 0, bytes.length)
  expect(await retry(() => node.blobs.finish(upload.id, upload.size))).toBe(bytes.length)
  return upload.id
}

const put = (node: BlobNode, bytes: Uint8Array) =>
  retry(() => node.blobs.put(keyOf(bytes), Readable.from([Buffer.from(bytes)]), bytes.length))

export const blobStoreRules: Rules<BlobNode> = {
  'what was uploaded is kept as an object, and read on every node': async (stores) => {
    const [node, other] = await two(stores)
    const bytes = bytesOf(100_000)
    const id = await uploaded(node, bytes)
    expect(await readAll(node, { upload: id })).toEqual(bytes)
    const key = keyOf(bytes)
    for (let n = 0; n < 2; n++) await retry(() => node.blobs.keep(id, key))
    expect(await readAll(other, { key })).toEqual(bytes)
    expect(await codeOf(() => node.blobs.read({ upload: id }))).toBe('not_found')
    for (const range of [
      { start: 0, end: 0 },
      { start: 99_999, end: 99_999 },
      { start: 10, end: 70_000 },
    ]) {
      expect(await readAll(other, { key }, range)).toEqual(bytes.slice(range.start, range.end + 1))
    }
    expect(await retry(() => other.blobs.restore(key))).toEqual({ state: 'ready' })
  },

  'an upload that broke goes on where it was, on any node': async (stores) => {
    const [node, other] = await two(stores)
    const bytes = bytesOf(node.several, 2)
    const upload = { id: unique('m'), size: bytes.length, type: 'video/mp4' }
    const half = Math.floor(bytes.length / 2)
    await node.send(upload.id, await retry(() => node.blobs.begin(upload)), bytes, 0, half)
    expect(await codeOf(() => node.blobs.finish(upload.id, upload.size))).toBe('conflict')
    const plan = await retry(() => other.blobs.begin(upload))
    if (plan.by === 'tus') expect(plan.offset).toBe(half)
    else expect(plan.parts.filter(({ stored }) => stored).length).toBeGreaterThan(0)
    await other.send(upload.id, plan, bytes, half, bytes.length)
    for (let n = 0; n < 2; n++) {
      expect(await retry(() => other.blobs.finish(upload.id, upload.size))).toBe(bytes.length)
    }
    expect(keyOf(await readAll(other, { upload: upload.id }))).toBe(keyOf(bytes))
    await retry(() => node.blobs.keep(upload.id, keyOf(bytes)))
  },

  'an upload that nobody wants goes; so do objects': async (stores) => {
    const [node, other] = await two(stores)
    const [begun, whole] = [{ id: unique('m'), size: 10, type: 'text/plain' }, await uploaded(node, bytesOf(10))]
    await retry(() => node.blobs.begin(begun))
    for (const id of [begun.id, whole, whole, unique('m')]) {
      await retry(() => other.blobs.discard(id))
      expect(await codeOf(() => node.blobs.read({ upload: id }))).toBe('not_found')
    }
    const bytes = bytesOf(20, 3)
    await put(node, bytes)
    for (let n = 0; n < 2; n++) await retry(() => other.blobs.remove(keyOf(bytes)))
    expect(await codeOf(() => node.blobs.read({ key: keyOf(bytes) }))).toBe('not_found')
  },

  'the same bytes may be stored again, from an upload or from here': async (stores) => {
    const [node, other] = await two(stores)
    const bytes = bytesOf(3000, 4)
    const key = keyOf(bytes)
    await put(node, bytes)
    await put(other, bytes)
    const id = await uploaded(node, bytes)
    await retry(() => other.blobs.keep(id, key))
    expect(await readAll(node, { key })).toEqual(bytes)
    expect(await codeOf(() => node.blobs.read({ upload: id }))).toBe('not_found')
  },

  'of bytes that end early nothing is stored': async (stores) => {
    const node = await stores.node()
    const bytes = bytesOf(3000, 5)
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from(bytes.subarray(0, 1000))
        throw new Error('the source broke')
      })(),
    )
    await expect(node.blobs.put(keyOf(bytes), broken, bytes.length)).rejects.toThrow()
    expect(await codeOf(() => node.blobs.read({ key: keyOf(bytes) }))).toBe('not_found')
  },

  'objects may be empty': async (stores) => {
    const node = await stores.node()
    const nothing = new Uint8Array()
    await put(node, nothing)
    expect(await readAll(node, { key: keyOf(nothing) })).toEqual(nothing)
  },

  'what is cold is restored before it is read, whole again': async (stores) => {
    const [node, other] = await two(stores)
    const bytes = bytesOf(50_000, 6)
    const key = keyOf(bytes)
    await put(node, bytes)
    for (let n = 0; n < 2; n++) expect(await retry(() => node.blobs.cool(key))).toBeGreaterThan(0)
    await expect(other.blobs.read({ key })).rejects.toMatchObject({ code: 'unavailable' })
    await eventually(stores, async () => {
      expect(await retry(() => other.blobs.restore(key))).toEqual({ state: 'ready' })
    })
    expect(await readAll(node, { key })).toEqual(bytes)
    await retry(() => node.blobs.cool(key))
    await retry(() => other.blobs.remove(key))
    expect(await codeOf(() => node.blobs.read({ key }))).toBe('not_found')
  },

  'what a link leads to is the object, as it says': async (stores) => {
    const node = await stores.node()
    const bytes = bytesOf(5000, 7)
    await put(node, bytes)
    const headers = { type: 'image/png', disposition: 'inline; filename="a.png"' }
    const url = await retry(() => node.blobs.link(keyOf(bytes), headers, stores.now() + 60_000))
    // Without one this node serves it.
    if (url === undefined) return
    const answer = await fetch(url, { headers: { range: 'bytes=10-19' } })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('content-disposition')).toBe(headers.disposition)
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(bytes.slice(10, 20))
  },
}
