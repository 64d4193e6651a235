import { randomBytes } from 'node:crypto'
import type { PushRegistration } from '@parley/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { ApnsProvider } from '../../../server/src/adapters/apns/push-provider.ts'
import { FcmProvider } from '../../../server/src/adapters/fcm/push-provider.ts'
import { isPublicAddress } from '../../../server/src/adapters/webpush/endpoint-client.ts'
import { WebPushProvider } from '../../../server/src/adapters/webpush/push-provider.ts'
import { vapidKeysOf } from '../../../server/src/adapters/webpush/vapid-keys.ts'
import type { Push, PushProvider } from '../../../server/src/notifications/push-provider.ts'
import type { Behave, Devices } from './behaviour.ts'
import { makeCertificate } from './certificate.ts'
import { FakeApns } from './fake-apns.ts'
import { FakeFcm } from './fake-fcm.ts'
import { FakeWebPush } from './fake-web-push.ts'

const now = () => Date.now()
const push = (over: Partial<Push> = {}): Push => ({
  action: 'show',
  conversation: 'c1',
  collapseKey: 'abcdefgh12345678',
  count: 2,
  badge: 5,
  title: 'Parley',
  body: '2 new messages',
  expiresAt: Date.now() + 86_400_000,
  ...over,
})

/** A push service and what speaks to it. */
interface Stand {
  provider: PushProvider
  registration: PushRegistration
  /** What the fake calls the device. */
  token: string
  service: { devices: Devices; faults: string[]; behave: Behave; stop(): Promise<void> }
}

const opened: Stand[] = []
afterEach(async () => {
  for (const { provider, service } of opened.splice(0)) {
    await provider.close()
    await service.stop()
  }
})
const opening = (stand: Stand): Stand => {
  opened.push(stand)
  return stand
}

const apnsToken = 'a1'.repeat(32)
async function apns(): Promise<Stand & { service: FakeApns }> {
  const service = await FakeApns.start()
  const { key, keyId, teamId, url, certificate } = service
  const topics = ['org.example.app']
  const provider = new ApnsProvider({
    key,
    keyId,
    teamId,
    topics,
    hosts: { production: url },
    ca: certificate.cert,
    now,
  })
  const registration = {
    provider: 'apns',
    token: apnsToken,
    topic: 'org.example.app',
    environment: 'production',
  } as const
  return opening({ provider, registration, token: apnsToken, service }) as Stand & { service: FakeApns }
}

async function fcm(): Promise<Stand & { service: FakeFcm }> {
  const service = await FakeFcm.start()
  const provider = new FcmProvider([{ name: 'main', account: service.serviceAccount, host: service.url }], now)
  return opening({ provider, registration: { provider: 'fcm', token: 'phone' }, token: 'phone', service }) as Stand & {
    service: FakeFcm
  }
}

async function webPush(): Promise<Stand & { service: FakeWebPush }> {
  const vapid = vapidKeysOf(randomBytes(32))
  const service = await FakeWebPush.start(vapid.publicKey)
  const ca = service.certificate.cert
  const provider = new WebPushProvider({ vapid, subject: 'mailto:a@example.org', privateAddresses: true, ca, now })
  const registration = { provider: 'webpush', subscription: service.subscribe('browser') } as const
  return opening({ provider, registration, token: 'browser', service }) as Stand & { service: FakeWebPush }
}

describe.each([
  ['apns', apns],
  ['fcm', fcm],
  ['webpush', webPush],
] as [string, () => Promise<Stand>][])('push provider %s', (_, stand) => {
  it('shows a notification, replaces it under its collapse key, and withdraws it', async () => {
    const { provider, registration, token, service } = await stand()
    expect(provider.way(registration)).toBeDefined()
    expect((await provider.send(registration, push())).outcome).toBe('accepted')
    expect((await provider.send(registration, push({ count: 3, body: '3 new messages' }))).outcome).toBe('accepted')
    const other = push({ conversation: 'c2', collapseKey: 'zzzzzzzz12345678' })
    expect((await provider.send(registration, other)).outcome).toBe('accepted')
    const shown = service.devices.shownOn(token)
    expect(shown.map(({ conversation, count, badge, body }) => ({ conversation, count, badge, body }))).toEqual([
      { conversation: 'c1', count: 3, badge: 5, body: '3 new messages' },
      { conversation: 'c2', count: 2, badge: 5, body: '2 new messages' },
    ])
    expect((await provider.send(registration, push({ action: 'withdraw', badge: 2 }))).outcome).toBe('accepted')
    expect(service.devices.shownOn(token).map(({ conversation }) => conversation)).toEqual(['c2'])
    expect(service.faults).toEqual([])
  })

  it('tells a token that is gone, a service that has no time, and one that is away, apart', async () => {
    const { provider, registration, service } = await stand()
    service.behave = () => ({ kind: 'answer', status: 503, reason: 'UNAVAILABLE', retryAfter: 7 })
    expect(await provider.send(registration, push())).toMatchObject({ outcome: 'later', after: 7000, slowDown: true })
    service.behave = () => ({ kind: 'answer', status: 429, reason: 'TooManyRequests' })
    expect((await provider.send(registration, push())).outcome).toBe('later')
    service.behave = () => ({ kind: 'reset' })
    expect(await provider.send(registration, push())).toMatchObject({ outcome: 'later', slowDown: true })
    service.behave = () => ({ kind: 'taken-then-reset' })
    expect((await provider.send(registration, push())).outcome).toBe('later')
    service.behave = () => ({ kind: 'take' })
    expect((await provider.send(registration, push())).outcome).toBe('accepted')
    service.behave = () => ({ kind: 'answer', status: 410, reason: 'Unregistered' })
    if (registration.provider === 'fcm') {
      service.behave = () => ({ kind: 'answer', status: 404, reason: 'UNREGISTERED' })
    }
    expect((await provider.send(registration, push())).outcome).toBe('gone')
    await service.stop()
    expect(await provider.send(registration, push())).toMatchObject({ outcome: 'later', slowDown: true })
  })

  it('takes hundreds at once', async () => {
    const { provider, registration, service } = await stand()
    const sent = Array.from({ length: 300 }, (_, index) => push({ collapseKey: `key-${index}-000000` }))
    const results = await Promise.all(sent.map((one) => provider.send(registration, one)))
    expect(results.filter(({ outcome }) => outcome !== 'accepted')).toEqual([])
    expect(new Set(service.devices.received.map(({ collapseKey }) => collapseKey)).size).toBe(300)
  })
})

describe('apns', () => {
  it('opens its connection again when the host let it go', async () => {
    const { provider, registration, service } = await apns()
    await provider.send(registration, push())
    service.dropConnections()
    await expect.poll(async () => (await provider.send(registration, push())).outcome).toBe('accepted')
  })

  it('has no way for a topic without a key', async () => {
    const { provider, registration } = await apns()
    expect(provider.way({ ...registration, topic: 'org.example.other' } as PushRegistration)).toBeUndefined()
  })

  it('says what is wrong with a certificate that nobody signed', async () => {
    const { key, keyId, teamId, url } = (await apns()).service
    const [topics, ca] = [['org.example.app'], makeCertificate().cert]
    const provider = new ApnsProvider({ key, keyId, teamId, topics, hosts: { production: url }, ca, now })
    const registration = {
      provider: 'apns',
      token: apnsToken,
      topic: 'org.example.app',
      environment: 'production',
    } as const
    expect(await provider.send(registration, push())).toMatchObject({
      outcome: 'later',
      reason: expect.stringMatching(/certificate|signed/),
    })
    await provider.close()
  })

  it('proves itself with one token for many notifications', async () => {
    const { provider, registration, service } = await apns()
    await Promise.all(Array.from({ length: 50 }, () => provider.send(registration, push())))
    expect(service.faults).toEqual([])
    expect(service.requests).toBe(50)
  })
})

describe('fcm', () => {
  it('exchanges its key for one access token, and again when that is refused', async () => {
    const { provider, registration, service } = await fcm()
    await Promise.all(Array.from({ length: 20 }, () => provider.send(registration, push())))
    expect(service.exchanges).toBe(1)
    service.forgetTokens()
    expect((await provider.send(registration, push())).outcome).toBe('later')
    expect((await provider.send(registration, push())).outcome).toBe('accepted')
    expect(service.exchanges).toBe(2)
  })
})

describe('web push (N10)', () => {
  it.each([
    'https://127.0.0.1:9/push',
    'https://[::1]/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://localhost:9/push',
    'https://169.254.169.254/x',
  ])('goes to no address of the operator’s own network: %s', async (endpoint) => {
    const vapid = vapidKeysOf(randomBytes(32))
    const provider = new WebPushProvider({ vapid, subject: 'mailto:a@example.org', now })
    const { registration } = await webPush()
    if (registration.provider !== 'webpush') throw new Error('not a web push registration')
    const aimed = { ...registration, subscription: { ...registration.subscription, endpoint } }
    const result = await provider.send(aimed, push())
    expect(result).toMatchObject({ outcome: 'later', reason: 'the endpoint is not public' })
    await provider.close()
  })

  it('knows public addresses', () => {
    expect(['8.8.8.8', '2001:4860:4860::8888'].map(isPublicAddress)).toEqual([true, true])
    expect(['10.1.2.3', '::1', '::ffff:192.168.0.1', 'fe80::1', 'localhost'].some(isPublicAddress)).toBe(false)
  })

  it('drops a registration whose keys are no keys', async () => {
    const { provider, registration } = await webPush()
    if (registration.provider !== 'webpush') throw new Error('not a web push registration')
    const keys = { p256dh: 'A'.repeat(87), auth: 'B'.repeat(22) }
    const broken = { ...registration, subscription: { ...registration.subscription, keys } }
    expect((await provider.send(broken, push())).outcome).toBe('gone')
  })
})
