import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf, keyOf } from '../../media/blob-store.contract.ts'
import type { S3Place } from './driver.ts'
import { classes, missingClasses, TestBucket } from './test-buckets.contract.ts'

const bytes = bytesOf(3000)
const key = keyOf(bytes)
const headers = { type: 'image/png', disposition: 'inline' }

/** How often moto is to be asked until a restored object is there. */
async function restoreAfter(asked: number): Promise<void> {
  const transition = asked === 0 ? { progression: 'immediate' } : { progression: 'manual', times: asked }
  const answer = await fetch(`${classes}/moto-api/state-manager/set-transition`, {
    method: 'POST',
    body: JSON.stringify({ model_name: 's3::keyrestore', transition }),
  })
  if (!answer.ok) throw new Error(await answer.text())
}

describe.skipIf(classes === '')(`the cold tier of S3${missingClasses}`, () => {
  let bucket: TestBucket
  beforeAll(async () => {
    bucket = await TestBucket.make(classes, { coldClass: 'GLACIER' })
  })
  afterAll(async () => {
    await restoreAfter(0)
    await bucket.remove()
  })

  const open = async (changes: Partial<S3Place> = {}) => {
    const stores = await TestBucket.over({ ...bucket.place, ...changes })
    const { blobs } = await stores.node()
    await blobs.put(key, Readable.from([Buffer.from(bytes)]), bytes.length)
    return { blobs, close: stores.close }
  }

  it('what is archived is not read; it is restored in its time, and is there for good (M4)', async () => {
    await restoreAfter(2)
    const { blobs, close } = await open()
    expect(await blobs.cool(key)).toBe(bytes.length)
    const refusal = { code: 'unavailable', retryAfter: expect.any(Number) }
    await expect(blobs.read({ key })).rejects.toMatchObject(refusal)
    const link = (await blobs.link(key, headers, Date.now() + 60_000))!
    expect((await fetch(link)).status, 'InvalidObjectState').toBe(403)
    const states: unknown[] = []
    for (let n = 0; n < 10 && states.at(-1) !== 'ready'; n++) {
      const answer = await blobs.restore(key)
      states.push(answer.state)
      if (answer.state === 'restoring') expect(answer.wait).toBeGreaterThan(0)
    }
    expect(states.slice(0, 2)).toEqual(['restoring', 'restoring'])
    expect(states.at(-1)).toBe('ready')
    expect(new Uint8Array(await (await fetch(link)).arrayBuffer())).toEqual(bytes)
    expect(keyOf(await buffer(await blobs.read({ key })))).toBe(key)
    expect(await blobs.restore(key)).toEqual({ state: 'ready' })
    await close()
  })

  it('what only costs more to read is read at any time, and comes back when it is', async () => {
    const { blobs, close } = await open({ coldClass: 'STANDARD_IA' })
    for (let n = 0; n < 2; n++) expect(await blobs.cool(key)).toBe(bytes.length)
    expect(keyOf(await buffer(await blobs.read({ key })))).toBe(key)
    expect(await blobs.restore(key)).toEqual({ state: 'ready' })
    expect(await blobs.restore(key)).toEqual({ state: 'ready' })
    await close()
  })

  it('without a class nothing moves', async () => {
    const { blobs, close } = await open({ coldClass: undefined })
    expect(await blobs.cool(key)).toBe(bytes.length)
    expect(keyOf(await buffer(await blobs.read({ key })))).toBe(key)
    await close()
  })

  it('what is not there cannot be moved', async () => {
    const { blobs, close } = await open()
    await expect(blobs.cool(keyOf(bytesOf(1)))).rejects.toMatchObject({ code: 'not_found' })
    await expect(blobs.restore(keyOf(bytesOf(1)))).rejects.toMatchObject({ code: 'not_found' })
    await close()
  })
})
