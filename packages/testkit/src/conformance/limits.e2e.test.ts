import type { ErrorFrame, OkFrame } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RawApi } from '../raw-api.ts'
import { type Person, World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await World.start({ rateLimits: 'on' })
})
afterAll(() => world.stop())

interface ServerInfo {
  features: string[]
  limits: Record<string, number>
  rateLimits: { name: string; by: string; points: number; seconds: number }[]
}

describe('limits', () => {
  it('C5, C1: limits are told with their numbers; what is not there is no feature', async () => {
    const info = await new RawApi(world.url).call<ServerInfo>('GET', '/v1/server')
    expect(info.limits).toMatchObject({
      text: 16384,
      content: 32768,
      socketMessage: 65536,
      groupMembers: 150,
      devices: 10,
    })
    expect(info.rateLimits.find((rule) => rule.name === 'send-device')).toMatchObject({
      by: 'device',
      points: 600,
      seconds: 60,
    })
    // Several nodes keep media in S3, where there is one.
    const hasMedia = process.env.PARLEY_TEST_ENGINES ? process.env.S3_BUCKET !== undefined : world.nodes.length === 1
    expect(info.features.includes('media')).toBe(hasMedia)
    expect(info.features).toContain('push')
    const { client, welcome } = await (await world.person()).connect()
    expect(welcome.limits).toEqual(info.limits)
    expect(client.isOpen).toBe(true)
  })

  it('D3: after a retryable refusal later sends get the same code, until the refused one comes again', async () => {
    const [alice, bob] = (await world.people(2)) as [Person, Person]
    const chat = await alice.api.direct(bob.user)
    const other = await alice.api.group('other', [bob.user])
    const { client } = await alice.connect()
    const refs = Array.from({ length: 640 }, (_, index) => client.startSend(chat.id, `m${index}`, { text: `${index}` }))
    const answers = await Promise.all(refs.map((ref) => client.answerTo(ref)))
    const first = answers.findIndex((answer) => answer.t === 'error')
    expect(first).toBeGreaterThanOrEqual(600)
    const refused = answers[first] as ErrorFrame
    expect(refused).toMatchObject({ code: 'rate_limited' })
    expect(refused.retryAfter).toBeGreaterThan(0)
    // Points have come back meanwhile, but nothing overtakes the message that was refused.
    await new Promise((resolve) => setTimeout(resolve, Math.max(refused.retryAfter ?? 0, 400)))
    expect(await client.send(chat.id, 'later', { text: 'later' })).toMatchObject({ code: 'rate_limited' })
    expect(await client.send(other.id, 'elsewhere', { text: 'elsewhere' })).toMatchObject({ t: 'ok' })
    const again = (await client.send(chat.id, `m${first}`, { text: `${first}` })) as OkFrame
    expect(again).toMatchObject({ t: 'ok', seq: first + 1 })
    expect(await client.send(chat.id, 'later', { text: 'later' })).toMatchObject({ t: 'ok', seq: first + 2 })
  })

  it('C2: over HTTP a 429 says when to come back', async () => {
    const person = await world.person()
    for (let tried = 0; tried < 400; tried++) {
      const answer = await person.api.request('GET', '/v1/search?query=word')
      if (answer.status === 200) continue
      expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      return
    }
    throw new Error('no limit was met')
  })

  it('C6, C7: statuses and shapes of what is created, changed and removed', async () => {
    const [alice, bob] = (await world.people(2)) as [Person, Person]
    const chat = await alice.api.group('shapes', [bob.user])
    const path = `/v1/conversations/${chat.id}`
    const sent = await alice.api.request('POST', `${path}/messages`, {
      clientMessageId: 'all',
      content: { text: 'x', location: { lat: 1, lon: 2, name: 'here' }, contact: { name: 'C', phones: ['1'] } },
    })
    expect(sent.status).toBe(201)
    expect((await alice.api.request('PATCH', path, { title: 'Shapes' })).status).toBe(200)
    expect((await alice.api.request('PATCH', `${path}/messages/2`, { content: { text: 'y' } })).status).toBe(200)
    expect((await bob.api.request('PUT', `${path}/messages/2/reaction`, { emoji: '🎭' })).status).toBe(200)
    expect((await bob.api.request('POST', `${path}/read`, { seq: 2 })).status).toBe(204)
    const { items } = await bob.api.call<{ items: object[] }>('GET', `${path}/messages`)
    expect(items).toMatchObject([
      {
        conversation: chat.id,
        seq: 2,
        sender: alice.user,
        device: alice.device,
        content: { text: 'y' },
        reactions: { '🎭': [bob.user] },
      },
    ])
    expect((await alice.api.request('DELETE', `${path}/messages/2?for=everyone`)).status).toBe(204)
    const sealed = await alice.api.request('POST', `${path}/messages`, {
      clientMessageId: 'sealed',
      content: { sealed: 'AAECAw==' },
    })
    expect(sealed.status).toBe(201)
  })
})
