import type { EventFrame } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Account, logIn, RawApi, register } from '../raw-api.ts'
import { RawClient } from '../raw-client.ts'
import { PushWorld } from './push-world.ts'

let world: PushWorld
beforeAll(async () => {
  world = await PushWorld.start()
}, 30_000)
afterAll(() => world.stop())

const soon = { timeout: 8000, interval: 50 }
const quietly = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const api = (account: Account) => new RawApi(world.node.url, account.token)

/** Two people with a conversation. */
async function pair() {
  const [ann, ben] = [await register(world.node.url), await register(world.node.url)]
  const { id } = await api(ann).direct(ben.user)
  return { ann, ben, conversation: id }
}

describe('notifications', () => {
  it.each(['apns', 'fcm', 'webpush'] as const)(
    'I14, N4, N5, N7: %s shows what a device has not acknowledged, once, with counts, and takes it back when it was read',
    async (provider) => {
      const { ann, ben, conversation } = await pair()
      const token = await world.register(ben, provider)
      await world.say(ann, conversation, { text: 'one' })
      await expect.poll(() => world.shown(token), soon).toHaveLength(1)
      const seq = await world.say(ann, conversation, { text: 'two' })
      await expect.poll(() => world.shown(token)[0]?.count, soon).toBe(2)
      const [shown] = world.shown(token)
      expect(shown).toMatchObject({ conversation, count: 2, badge: 2, title: 'Parley', body: '2 new messages' })
      expect(JSON.stringify(shown)).not.toContain('two')
      expect(world.shown(token)).toHaveLength(1)
      // Read on another device of the same user.
      const laptop = await logIn(world.node.url, ben)
      await api(laptop).call('POST', `/v1/conversations/${conversation}/read`, { seq })
      await expect.poll(() => world.shown(token), soon).toEqual([])
      expect(world.received(token).at(-1)).toMatchObject({ action: 'withdraw', badge: 0 })
      expect(world.faults).toEqual([])
    },
  )

  it('N3: a device that acknowledges within the grace time is not told', async () => {
    const { ann, ben, conversation } = await pair()
    const token = await world.register(ben, 'apns')
    const { client } = await RawClient.connect({ url: world.node.url, account: ben })
    await world.say(ann, conversation, { text: 'hello' })
    const event = await client.waitFor((frame): frame is EventFrame => frame.t === 'event')
    client.ack(event.pos)
    await quietly(4000)
    expect(world.received(token)).toEqual([])
    await client.close()
  })

  it('N2, N3: a connected device that does not acknowledge is told after the grace time', async () => {
    const { ann, ben, conversation } = await pair()
    const token = await world.register(ben, 'apns')
    const { client } = await RawClient.connect({ url: world.node.url, account: ben })
    const started = Date.now()
    await world.say(ann, conversation, { text: 'hello' })
    await expect.poll(() => world.shown(token), soon).toHaveLength(1)
    expect(Date.now() - started).toBeGreaterThan(2800)
    await client.close()
  })

  it('N2, N6: neither the sender’s own devices nor muted ones are told; of mentions only those mentioned', async () => {
    const [ann, ben, cai] = [
      await register(world.node.url),
      await register(world.node.url),
      await register(world.node.url),
    ]
    const { id: group } = await api(ann).group('Group', [ben.user, cai.user])
    const tokens = {
      ann: await world.register(await logIn(world.node.url, ann), 'apns'),
      ben: await world.register(ben, 'fcm'),
      cai: await world.register(cai, 'webpush'),
    }
    await api(ben).call('PATCH', `/v1/conversations/${group}/membership`, { mutedUntil: Date.now() + 3_600_000 })
    await api(cai).call('PATCH', `/v1/conversations/${group}/membership`, { notify: 'mentions' })
    await world.say(ann, group, { text: 'nobody in particular' })
    await world.say(ann, group, { text: '@cai' }, { mentions: [cai.user] })
    await expect.poll(() => world.shown(tokens.cai), soon).toHaveLength(1)
    await quietly(1500)
    expect([...world.received(tokens.ann), ...world.received(tokens.ben)]).toEqual([])
  })

  it('N7: a preview only for those who want one, and never of sealed content', async () => {
    const { ann, ben, conversation } = await pair()
    const token = await world.register(ben, 'webpush')
    await api(ben).call('PATCH', '/v1/me/settings', { preview: true })
    await world.say(ann, conversation, { text: 'the words' })
    await expect.poll(() => world.shown(token)[0]?.body, soon).toBe('the words')
    await world.say(ann, conversation, { sealed: 'c2VjcmV0' })
    await expect.poll(() => world.shown(token)[0]?.body, soon).toBe('2 new messages')
  })

  it('N6: quiet hours hold it back', async () => {
    const { ann, ben, conversation } = await pair()
    const token = await world.register(ben, 'apns')
    const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16)
    await api(ben).call('PATCH', '/v1/me/settings', { quietHours: { from: at(-5), to: at(60), timeZone: 'UTC' } })
    await world.say(ann, conversation, { text: 'at night' })
    await quietly(1500)
    expect(world.received(token)).toEqual([])
  })

  it('N1, N9: a token that is gone is forgotten, and a device that was logged out is told nothing', async () => {
    const { ann, ben, conversation } = await pair()
    const [gone, kept] = [await world.register(ben, 'webpush'), await logIn(world.node.url, ben)]
    const token = await world.register(kept, 'apns')
    world.webPush.unsubscribe(gone)
    await world.say(ann, conversation, { text: 'one' })
    await expect.poll(() => world.shown(token), soon).toHaveLength(1)
    await api(ben).call('DELETE', `/v1/me/devices/${kept.device}`)
    const requests = world.webPush.requests
    await world.say(ann, conversation, { text: 'two' })
    await quietly(1500)
    expect(world.webPush.requests).toBe(requests)
    expect(world.received(token)).toHaveLength(1)
  })

  it('C3, N1: a registration that is none is refused, and DELETE ends one', async () => {
    const { ann, ben, conversation } = await pair()
    const path = '/v1/me/devices/current/push'
    for (const body of [{}, { provider: 'sms', token: 'x' }, { provider: 'apns', token: 'no hex', topic: 'a' }]) {
      expect(await api(ben).request('PUT', path, body)).toMatchObject({ status: 400, body: { code: 'invalid' } })
    }
    expect((await api(ben).request('DELETE', path)).status).toBe(204)
    expect((await api(ben).request('PUT', path, { provider: 'fcm', token: 'one' })).status).toBe(201)
    expect((await api(ben).request('PUT', path, { provider: 'fcm', token: 'two' })).status).toBe(200)
    expect((await api(ben).request('DELETE', path)).status).toBe(204)
    await world.say(ann, conversation, { text: 'one' })
    await quietly(1000)
    expect([...world.received('one'), ...world.received('two')]).toEqual([])
  })

  it('N9: a provider that is away delays nobody else, and gets what was due when it is back', async () => {
    const { ann, ben, conversation } = await pair()
    const [phone, browser] = [await world.register(ben, 'fcm'), await logIn(world.node.url, ben)]
    const tab = await world.register(browser, 'webpush')
    world.fcm.behave = () => ({ kind: 'answer', status: 503 })
    await world.say(ann, conversation, { text: 'one' })
    await expect.poll(() => world.shown(tab), { timeout: 2000 }).toHaveLength(1)
    expect(world.shown(phone)).toEqual([])
    world.fcm.behave = () => ({ kind: 'take' })
    await expect.poll(() => world.shown(phone), { timeout: 15_000 }).toHaveLength(1)
  })
})
