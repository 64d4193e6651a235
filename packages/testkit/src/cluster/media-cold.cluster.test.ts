import { randomBytes } from 'node:crypto'
import { createClient, memoryStore } from '@parley/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres } from '../../../server/src/adapters/postgres/open.ts'
import { openS3 } from '../../../server/src/adapters/s3/open.ts'
import { systemClock } from '../../../server/src/lib/clock.ts'
import { silentLogger } from '../../../server/src/lib/logger.ts'
import { download, sha256, uploadMedia } from '../media/raw-media.ts'
import { missingEngines } from './cluster-space.ts'
import { MediaSpace } from './media-space.ts'

const endpoint = process.env.MOTO_ENDPOINT ?? ''
const missing = missingEngines + (endpoint === '' ? ' (no MOTO_ENDPOINT: npm run engines -- up moto)' : '')
const bucket = `parley-cold-${process.pid}`

/** How often moto is to be asked until a restored object is there. */
async function restoreAfter(asked: number): Promise<void> {
  const transition = asked === 0 ? { progression: 'immediate' } : { progression: 'manual', times: asked }
  await fetch(`${endpoint}/moto-api/state-manager/set-transition`, {
    method: 'POST',
    body: JSON.stringify({ model_name: 's3::keyrestore', transition }),
  })
}

describe.skipIf(missing !== '')(`media that were archived by S3${missing}`, () => {
  let world: MediaSpace
  beforeAll(async () => {
    expect((await fetch(`${endpoint}/${bucket}`, { method: 'PUT' })).status).toBe(200)
    const place = { s3Endpoint: endpoint, s3Bucket: bucket, s3Prefix: '', s3ColdClass: 'GLACIER' } as const
    world = await MediaSpace.start(place)
  }, 60_000)
  afterAll(async () => {
    await restoreAfter(0)
    await world.close()
  })

  /** As the janitor does with what nobody reads. */
  async function archive(key: string): Promise<void> {
    const world_ = { clock: systemClock, logger: silentLogger }
    const postgres = await openPostgres([world.space.env.DATABASE_URL], world_)
    const s3 = await openS3(
      {
        endpoint,
        publicEndpoint: undefined,
        bucket,
        prefix: '',
        region: 'us-east-1',
        forcePathStyle: true,
        coldClass: 'GLACIER',
        credentials: undefined,
      },
      world_,
    )
    expect(await s3.blobs.cool(key)).toBeGreaterThan(0)
    await postgres.objects.setTier(key, 'cold')
    await Promise.all([s3.close(), postgres.close()])
  }

  it('M4: 202 with Retry-After until they are restored; then they are read, by any node', async () => {
    const ann = await world.person()
    const bytes = randomBytes(5000)
    const { id } = await uploadMedia(ann.api, bytes)
    const [before, after] = [await download(ann.at[0]!, id), sha256(bytes)]
    expect(sha256(before.bytes)).toBe(after)
    await archive(after)
    await restoreAfter(3)
    const statuses: number[] = []
    for (let n = 0; n < 10 && statuses.at(-1) !== 307; n++) {
      const answer = await ann.at[n % 2]!.request('GET', `/v1/media/${id}${n % 4 > 1 ? '/url' : ''}`)
      statuses.push(answer.status === 200 ? 307 : answer.status)
      if (answer.status === 202) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect(statuses.slice(0, 2)).toEqual([202, 202])
    expect(statuses.at(-1)).toBe(307)
    for (const api of ann.at) expect(sha256((await download(api, id)).bytes)).toBe(after)
  })

  it('M4: the SDK waits, and has them', async () => {
    const ann = await world.person()
    const bytes = randomBytes(6000)
    const { id } = await uploadMedia(ann.api, bytes)
    await archive(sha256(bytes))
    await restoreAfter(1)
    const waits: number[] = []
    const clock = {
      ...systemClock,
      after: (ms: number, run: () => void) => {
        if (ms >= 60_000) waits.push(ms)
        return systemClock.after(ms >= 60_000 ? 10 : ms, run)
      },
    }
    const client = await createClient({ server: world.nodes[0]!.url, store: memoryStore(), clock })
    await client.logIn({ username: ann.username, password: ann.password, device: { name: 'another' } })
    expect(sha256(await client.media.download(id))).toBe(sha256(bytes))
    expect(waits.length).toBeGreaterThan(0)
    await client.close()
  })
})
