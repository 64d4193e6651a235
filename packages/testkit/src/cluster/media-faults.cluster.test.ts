import { randomBytes } from 'node:crypto'
import type { Conversation, Media, Upload } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { s3 as engine } from '../../../../engines/s3/s3.ts'
import { type OwnEngine, startOwn } from '../../../server/src/lib/own-engine.contract.ts'
import { until } from '../../../server/src/lib/stores.contract.ts'
import { announce, download, sendBytes, sha256, uploadMedia } from '../media/raw-media.ts'
import { type HttpAnswer, RawApi, register } from '../raw-api.ts'
import { missingEngines } from './cluster-space.ts'
import { type MediaPerson, MediaSpace } from './media-space.ts'
import { missingObjects } from './object-space.ts'

const missing = missingEngines + missingObjects
/** Milliseconds within which everything is answered, whatever S3 does. */
const bound = 15_000

describe.skipIf(missing !== '')(`media of two nodes on S3${missing}`, () => {
  let store: OwnEngine
  let world: MediaSpace
  let ann: MediaPerson
  let bob: MediaPerson
  let chat: Conversation
  beforeAll(async () => {
    store = await startOwn(engine)
    world = await MediaSpace.start({ s3Endpoint: store.variables.S3_ENDPOINT!, s3Bucket: 'parley', s3Prefix: '' })
    ann = await world.person()
    bob = await world.person()
    chat = await ann.api.direct(bob.user)
  }, 60_000)
  afterAll(async () => {
    await world.close()
    await store.stop()
  }, 60_000)

  let names = 0
  const send = (media: string, by = ann): Promise<HttpAnswer> =>
    by.api.request('POST', `/v1/conversations/${chat.id}/messages`, {
      clientMessageId: `m${++names}`,
      content: { media: { id: media } },
    })

  it('M3, C4: nobody reads, completes, goes on with or sends what is another’s', async () => {
    const eve = await world.person()
    const media = await uploadMedia(ann.api, randomBytes(1000))
    const { id: unfinished } = await announce(ann.api, randomBytes(1000))
    for (const api of eve.at) {
      for (const id of [media.id, unfinished]) {
        for (const [method, path] of [
          ['GET', ''],
          ['GET', '/url'],
          ['GET', '/upload'],
          ['POST', '/complete'],
          ['DELETE', ''],
        ] as const) {
          const answer = await api.request(method, `/v1/media/${id}${path}`, method === 'POST' ? {} : undefined)
          expect(answer.status, `${method} ${path}`).toBe(404)
        }
      }
      const talk = await eve.api.direct(bob.user)
      const content = { media: { id: media.id } }
      const path = `/v1/conversations/${talk.id}/messages`
      expect((await api.request('POST', path, { clientMessageId: `e${++names}`, content })).status).toBe(404)
    }
    expect((await bob.api.request('GET', `/v1/media/${media.id}`)).status, 'before it is sent').toBe(404)
    expect((await send(media.id)).status).toBe(201)
    expect((await download(bob.at[1]!, media.id)).status, 'after').toBe(200)
    expect((await eve.api.request('GET', `/v1/media/${media.id}`)).status, 'still').toBe(404)
  })

  it('M2: completed at both nodes at the same moment it is one, whatever it is', async () => {
    for (let run = 0; run < 10; run++) {
      const bytes = randomBytes(20_000)
      const { id, upload } = await announce(ann.at[run % 2]!, bytes)
      await sendBytes(upload, bytes)
      const answers = await Promise.all(ann.at.map((api) => api.call<Media>('POST', `/v1/media/${id}/complete`, {})))
      expect(answers[0]).toEqual(answers[1])
      expect(sha256((await download(ann.api, id)).bytes)).toBe(sha256(bytes))
    }
  })

  it('I10: completed at one node and taken back at the other: it is there and can be sent, or it is gone', async () => {
    for (let run = 0; run < 10; run++) {
      const bytes = randomBytes(20_000)
      const { id, upload } = await announce(ann.api, bytes)
      await sendBytes(upload, bytes)
      await Promise.all([
        ann.at[0]!.request('POST', `/v1/media/${id}/complete`, {}),
        ann.at[1]!.request('DELETE', `/v1/media/${id}`),
      ])
      const sent = await send(id)
      if (sent.status === 201) expect(sha256((await download(bob.api, id)).bytes)).toBe(sha256(bytes))
      else expect(sent.status).toBe(404)
    }
  })

  it('I10: sent at one node and taken back at the other: what was sent is read', async () => {
    for (let run = 0; run < 10; run++) {
      const bytes = randomBytes(20_000)
      const { id } = await uploadMedia(ann.at[run % 2]!, bytes)
      const [sent, taken] = await Promise.all([send(id), ann.at[1]!.request('DELETE', `/v1/media/${id}`)])
      expect(
        [sent.status === 201, taken.status === 204].filter(Boolean),
        `${sent.status} ${taken.status}`,
      ).toHaveLength(1)
      if (sent.status === 201) expect(sha256((await download(bob.api, id)).bytes)).toBe(sha256(bytes))
    }
  })

  it('the same bytes of two people are stored once, and stay as long as one of them has them', async () => {
    const bytes = randomBytes(30_000)
    const [first, second] = await Promise.all([uploadMedia(ann.api, bytes), uploadMedia(bob.at[1]!, bytes)])
    expect((await ann.api.request('DELETE', `/v1/media/${first.id}`)).status).toBe(204)
    expect(sha256((await download(bob.api, second.id)).bytes)).toBe(sha256(bytes))
  })

  /** Everything that may be asked, with how long it took. */
  async function ask(): Promise<{ status: number; retryAfter: string | null; took: number }[]> {
    const bytes = randomBytes(1000)
    const timed = async (asked: Promise<HttpAnswer>) => {
      const began = performance.now()
      const { status, headers } = await asked
      return { status, retryAfter: headers.get('retry-after'), took: performance.now() - began }
    }
    const announced = { size: bytes.length, type: 'text/plain', sha256: sha256(bytes) }
    return Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const api = ann.at[index % 2]!
        return [
          timed(api.request('POST', '/v1/media', announced)),
          timed(api.request('POST', `/v1/media/${waiting.id}/complete`, {})),
          timed(api.request('GET', `/v1/media/${waiting.id}/upload`)),
        ]
      }).flat(),
    )
  }
  let waiting: { id: string; upload: Upload }

  async function trouble(begin: () => Promise<void>, end: () => Promise<void> | void): Promise<void> {
    const bytes = randomBytes(6 * 1024 * 1024)
    const kept = await uploadMedia(ann.api, bytes)
    expect((await send(kept.id)).status).toBe(201)
    waiting = await announce(ann.api, bytes)
    await sendBytes(waiting.upload, bytes)
    await begin()
    for (const { status, retryAfter, took } of await ask()) {
      expect(status).toBe(503)
      expect(Number(retryAfter)).toBeGreaterThan(0)
      expect(took).toBeLessThan(bound)
    }
    // What needs no object goes on: messages, also those that carry what is there, and signing links.
    expect((await send(kept.id)).status).toBe(201)
    expect((await bob.api.request('GET', `/v1/media/${kept.id}/url`)).status).toBe(200)
    await end()
    const completed = async () => (await ann.api.request('POST', `/v1/media/${waiting.id}/complete`, {})).status === 200
    await until(completed, bound)
    for (const id of [kept.id, waiting.id]) expect(sha256((await download(ann.api, id)).bytes)).toBe(sha256(bytes))
    expect(sha256((await download(bob.api, kept.id)).bytes)).toBe(sha256(bytes))
  }

  it('S3 killed: refused in bounded time with when to come back; then all is there', { timeout: 60_000 }, () =>
    trouble(
      () => store.node.kill(),
      () => store.node.start(),
    ),
  )

  it('S3 frozen: refused in bounded time with when to come back; then all is there', { timeout: 90_000 }, () =>
    trouble(
      () => store.node.freeze(),
      () => store.node.thaw(),
    ),
  )
})

describe.skipIf(missing !== '')(`a node for media alone${missing}`, () => {
  it('takes and gives them; the others send and deliver them', { timeout: 60_000 }, async () => {
    const roles = [['api', 'chat', 'janitor'], ['media']]
    const world = await MediaSpace.start({}, 2, roles)
    try {
      const account = await register(world.nodes[0]!.url)
      const [api, media] = world.nodes.map(({ url }) => new RawApi(url, account.token)) as [RawApi, RawApi]
      const bytes = randomBytes(1000)
      const announced = { size: bytes.length, type: 'text/plain', sha256: sha256(bytes) }
      expect((await api.request('POST', '/v1/media', announced)).status).toBe(404)
      expect((await media.request('GET', '/v1/conversations')).status).toBe(404)
      const { id } = await uploadMedia(media, bytes)
      const chat = await api.group('Both', [])
      const content = { media: { id } }
      const path = `/v1/conversations/${chat.id}/messages`
      expect((await api.request('POST', path, { clientMessageId: 'm', content })).status).toBe(201)
      expect(sha256((await download(media, id)).bytes)).toBe(sha256(bytes))
      for (const node of [api, media]) {
        const { features } = await node.call<{ features: string[] }>('GET', '/v1/server')
        expect(features).toContain('media')
      }
    } finally {
      await world.close()
    }
  })
})

describe.skipIf(missingEngines !== '')(`a cluster without a bucket${missingEngines}`, () => {
  it('says that it has no media, and has none', { timeout: 60_000 }, async () => {
    const none = { s3Endpoint: undefined, s3Bucket: undefined }
    const world = await MediaSpace.start(none, 1)
    try {
      const [ann, bob] = [await world.person(), await world.person()]
      const { features } = await ann.api.call<{ features: string[] }>('GET', '/v1/server')
      expect(features).not.toContain('media')
      const announced = { size: 1, type: 'text/plain', sha256: sha256(randomBytes(1)) }
      expect((await ann.api.request('POST', '/v1/media', announced)).status).toBe(404)
      const chat = await ann.api.direct(bob.user)
      const path = `/v1/conversations/${chat.id}/messages`
      const content = { media: { id: '1' } }
      expect((await ann.api.request('POST', path, { clientMessageId: 'm', content })).status).toBe(404)
    } finally {
      await world.close()
    }
  })
})
