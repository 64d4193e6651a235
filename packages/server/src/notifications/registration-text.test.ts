import type { PushRegistration } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { registrationText } from './registration-text.ts'

const keys = { p256dh: 'p'.repeat(20), auth: 'a'.repeat(20) }
const browser: PushRegistration = {
  provider: 'webpush',
  subscription: { endpoint: 'https://push.example.org/1', keys },
}

describe('N9: a registration as text', () => {
  it('is the same whatever the order of its fields, at every depth', () => {
    const other: PushRegistration = {
      subscription: { keys: { auth: keys.auth, p256dh: keys.p256dh }, endpoint: 'https://push.example.org/1' },
      provider: 'webpush',
    }
    expect(registrationText(other)).toBe(registrationText(browser))
  })

  it.each<[string, PushRegistration]>([
    ['endpoint', { provider: 'webpush', subscription: { endpoint: 'https://push.example.org/2', keys } }],
    [
      'key',
      {
        provider: 'webpush',
        subscription: { endpoint: 'https://push.example.org/1', keys: { ...keys, auth: 'b'.repeat(20) } },
      },
    ],
    ['provider', { provider: 'fcm', token: 'one' }],
  ])('is another for another %s', (_, other) => {
    expect(registrationText(other)).not.toBe(registrationText(browser))
  })

  it('can be read back', () => {
    expect(JSON.parse(registrationText(browser))).toEqual(browser)
  })
})
