import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { systemRandom } from '../../lib/random.ts'
import { describeContract, realTime } from '../../lib/stores.contract.ts'
import { type BlobNode, blobStoreRules, bytesOf, keyOf } from '../../media/blob-store.contract.ts'
import { DiskBlobStore } from './blob-store.ts'

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'parley-blobs-'))
  const blobs = new DiskBlobStore(folder, systemRandom)
  const server = createServer((request, response) => void blobs.uploads.handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const send: BlobNode['send'] = async (id, _plan, bytes, from, to) => {
    const answer = await fetch(`http://127.0.0.1:${port}/${id}`, {
      method: 'PATCH',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-offset': String(from),
        'content-type': 'application/offset+octet-stream',
      },
      body: Buffer.from(bytes.subarray(from, to)),
    })
    expect(answer.status).toBe(204)
  }
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await blobs.close()
    await rm(folder, { recursive: true })
  }
  return { ...realTime, folder, node: async () => ({ blobs, send, several: 300_000 }), close }
}

describeContract('blob store on disk', blobStoreRules, open, { runs: 10, exact: true })

describe('blob store on disk', () => {
  it('leaves nothing behind of what was discarded or ended early', async () => {
    const stores = await open()
    try {
      const { blobs } = await stores.node()
      await blobs.begin({ id: 'm1', size: 10 })
      await blobs.discard('m1')
      const endsEarly = Readable.from([Buffer.from(bytesOf(5))])
      await expect(blobs.put(keyOf(bytesOf(9)), endsEarly, 9)).rejects.toThrow()
      for (const part of ['uploads', 'scratch']) expect(await readdir(join(stores.folder, part))).toEqual([])
    } finally {
      await stores.close()
    }
  })

  it('takes text that repeats for less where it is cold', async () => {
    const stores = await open()
    try {
      const { blobs } = await stores.node()
      const bytes = Buffer.from('the same again and again '.repeat(4000))
      await blobs.put(keyOf(bytes), Readable.from([bytes]), bytes.length)
      expect(await blobs.cool(keyOf(bytes))).toBeLessThan(bytes.length / 20)
    } finally {
      await stores.close()
    }
  })
})
