import type { Conversation, Media } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Person, World } from '../conformance/world.ts'
import { RawApi } from '../raw-api.ts'
import { announce, download, sendBytes, uploadMedia } from './raw-media.ts'

let world: World
beforeAll(async () => {
  world = await World.start()
})
afterAll(() => world.stop())

const text = (words: string): Uint8Array => new TextEncoder().encode(words)

/** Everybody a server knows, as seen from a group of `owner` in which `media` was sent. */
async function cast() {
  const [owner, admin, member, exMember, blocked, other] = (await world.people(6)) as [
    Person,
    Person,
    Person,
    Person,
    Person,
    Person,
  ]
  const group = await owner.api.group('ours', [admin.user, member.user, exMember.user, blocked.user])
  await owner.api.call('PUT', `/v1/conversations/${group.id}/members/${admin.user}`, { role: 'admin' })
  const media = await uploadMedia(owner.api, text('for members'), { type: 'text/plain' })
  const content = { media: { id: media.id } }
  await owner.api.call('POST', `/v1/conversations/${group.id}/messages`, { clientMessageId: 'm1', content })
  await owner.api.call('DELETE', `/v1/conversations/${group.id}/members/${exMember.user}`)
  await owner.api.call('PUT', `/v1/me/blocks/${blocked.user}`)
  const device = await owner.secondDevice()
  const revoked = await owner.secondDevice()
  await owner.api.call('DELETE', `/v1/me/devices/${revoked.device}`)
  const unfinished = await announce(owner.api, text('on its way'))
  const actors = {
    anonymous: new RawApi(world.url),
    'revoked device': revoked.api,
    other: other.api,
    'ex-member': exMember.api,
    // A block ends what is said between two, not a group they are both in.
    blocked: blocked.api,
    member: member.api,
    admin: admin.api,
    'other device': device.api,
  }
  return { actors, media, unfinished, group, owner }
}

type Actor = keyof Awaited<ReturnType<typeof cast>>['actors']
type Cast = Awaited<ReturnType<typeof cast>>

const nobody = { anonymous: 401, 'revoked device': 401 }
const ownerOnly = { ...nobody, other: 404, 'ex-member': 404, blocked: 404, member: 404, admin: 404 }
const anybody = (status: number) => ({
  ...nobody,
  other: status,
  'ex-member': status,
  blocked: status,
  member: status,
  admin: status,
  'other device': status,
})
const members = (status: number): Record<Actor, number> => ({ ...anybody(status), other: 404, 'ex-member': 404 })

/** Each operation with what it answers to each actor. */
const matrix: Record<string, [(api: RawApi, cast: Cast) => Promise<{ status: number }>, Record<Actor, number>]> = {
  'POST /v1/media': [
    (api) => api.request('POST', '/v1/media', { size: 1, type: 'text/plain', sha256: '0'.repeat(64) }),
    anybody(201),
  ],
  'GET /v1/media/{id}/upload': [
    (api, { unfinished }) => api.request('GET', `/v1/media/${unfinished.id}/upload`),
    { ...ownerOnly, 'other device': 200 },
  ],
  'POST /v1/media/{id}/complete': [
    (api, { unfinished }) => api.request('POST', `/v1/media/${unfinished.id}/complete`, {}),
    { ...ownerOnly, 'other device': 409 },
  ],
  'DELETE /v1/media/{id}': [
    (api, { media }) => api.request('DELETE', `/v1/media/${media.id}`),
    { ...ownerOnly, 'other device': 409 },
  ],
  'GET /v1/media/{id}': [(api, { media }) => api.request('GET', `/v1/media/${media.id}`), members(307)],
  'GET /v1/media/{id}/url': [(api, { media }) => api.request('GET', `/v1/media/${media.id}/url`), members(200)],
  'GET /v1/me/media': [(api) => api.request('GET', '/v1/me/media'), anybody(200)],
}

describe('who may do what with media', () => {
  it('C4, M2, M3: the matrix of actors and operations', async () => {
    const all = await cast()
    for (const [name, [run, expected]] of Object.entries(matrix)) {
      for (const [actor, api] of Object.entries(all.actors) as [Actor, RawApi][]) {
        expect((await run(api, all)).status, `${name} by ${actor}`).toBe(expected[actor])
      }
    }
  })

  it('every operation on media has a row', async () => {
    const document = await (await fetch(`${world.url}/openapi.json`)).json()
    const operations = Object.entries(document.paths as Record<string, Record<string, object>>)
      .filter(([path]) => path.includes('/media'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    expect(operations.sort()).toEqual(Object.keys(matrix).sort())
  })

  it('M2: who may not read it cannot send it, nor make it a picture', async () => {
    const { actors, media } = await cast()
    for (const api of [actors.other, actors['ex-member']]) {
      const { id } = await api.call<Conversation>('POST', '/v1/conversations', { title: 'mine', members: [] })
      const body = { clientMessageId: 'm1', content: { media: { id: media.id } } }
      const sent = await api.request('POST', `/v1/conversations/${id}/messages`, body)
      expect(sent).toMatchObject({ status: 404, body: { code: 'not_found' } })
      expect(await api.request('PATCH', '/v1/me', { avatar: media.id })).toMatchObject({ status: 404 })
    }
  })

  it('M3: a URL is good for what it was signed for, and for a while', async () => {
    const { owner, media, unfinished } = await cast()
    const { url } = await owner.api.call<{ url: string }>('GET', `/v1/media/${media.id}/url`)
    expect((await fetch(url)).status).toBe(200)
    const changed = (change: (url: URL) => void): string => {
      const other = new URL(url)
      change(other)
      return other.href
    }
    for (const forged of [
      changed(({ searchParams }) => searchParams.set('type', 'text/html')),
      changed(({ searchParams }) => searchParams.set('expires', `${Date.now() + 10 ** 9}`)),
      changed(({ searchParams }) => searchParams.delete('signature')),
      changed((one) => {
        one.pathname = one.pathname.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
      }),
      `${unfinished.upload.url}&x=1`,
    ]) {
      expect((await fetch(forged)).status, forged).toBe(404)
    }
    const { url: upload, headers } = unfinished.upload
    const elsewhere = upload.replace(unfinished.id, media.id)
    expect((await fetch(elsewhere, { method: 'PATCH', headers, body: 'on its way' })).status).toBe(404)
    expect(decodeURIComponent(url)).not.toContain(owner.token)
  })

  it('M2, M3: what lies about its type is an attachment, and no page can run it', async () => {
    const [ann] = (await world.people(1)) as [Person]
    const lies: [string, string, Uint8Array][] = [
      ['a page that is called an image', 'image/png', text('<!doctype html><script>alert(1)</script>')],
      ['an SVG', 'image/svg+xml', text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
      ['a page', 'text/html', text('<!doctype html><script>alert(1)</script>')],
      ['a program', 'video/mp4', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ...new Uint8Array(100)])],
    ]
    for (const [name, type, bytes] of lies) {
      const media = await uploadMedia(ann.api, bytes, { type, name: 'a"b\r\nX: y.png' })
      expect(media.type, name).not.toMatch(/^(image|video|audio)\//)
      const { headers } = await download(ann.api, media.id)
      expect(headers.get('content-type'), name).toBe('application/octet-stream')
      expect(headers.get('content-disposition'), name).toMatch(/^attachment;/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x')).toBeNull()
    }
    const broken = await announce(ann.api, Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]), {
      type: 'image/jpeg',
    })
    await sendBytes(broken.upload, Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70]))
    expect(await ann.api.request('POST', `/v1/media/${broken.id}/complete`, {})).toMatchObject({
      status: 415,
      body: { code: 'unsupported_media' },
    })
  })

  it('M2: voice messages and videos carry what their client tells of them', async () => {
    const [ann] = (await world.people(1)) as [Person]
    const ogg = Uint8Array.from([
      ...text('OggS\0'),
      2,
      ...new Uint8Array(22),
      ...text('\x01\x13OpusHead'),
      ...new Uint8Array(40),
    ])
    const waveform = [0, 10, 255, 3]
    const voice: Media = await uploadMedia(ann.api, ogg, { type: 'audio/ogg', complete: { duration: 2.5, waveform } })
    expect(voice).toMatchObject({ type: 'audio/ogg', duration: 2.5, waveform })
    for (const wrong of [{ duration: -1 }, { waveform: Array(257).fill(1) }, { waveform: ['x'] }, { width: 0 }]) {
      const { id } = await announce(ann.api, ogg)
      const answer = await ann.api.request('POST', `/v1/media/${id}/complete`, wrong)
      expect(answer, JSON.stringify(wrong)).toMatchObject({ status: 400, body: { code: 'invalid' } })
    }
  })
})
