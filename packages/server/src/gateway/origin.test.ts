import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { originAllowed } from './origin.ts'

describe('K5: origins', () => {
  it('what is not a page sends none', () => {
    expect(originAllowed(undefined, 'chat.example.org', [])).toBe(true)
    expect(originAllowed(undefined, undefined, [])).toBe(true)
  })

  const own: [string, string][] = [
    ['https://chat.example.org', 'chat.example.org'],
    ['https://chat.example.org', 'Chat.Example.ORG'],
    ['https://chat.example.org', 'chat.example.org:443'],
    ['http://localhost:8080', 'localhost:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
  ]
  for (const [origin, host] of own) {
    it(`${origin} is at home on ${host}`, () => expect(originAllowed(origin, host, [])).toBe(true))
  }

  const foreign: [string, string | undefined][] = [
    ['https://evil.example', 'chat.example.org'],
    ['https://chat.example.org.evil.example', 'chat.example.org'],
    ['https://chat.example.org:8443', 'chat.example.org'],
    ['http://localhost:8081', 'localhost:8080'],
    ['https://chat.example.org@evil.example', 'chat.example.org'],
    ['null', 'null'],
    ['', ''],
    ['file://', ''],
    ['chrome-extension://chat.example.org', 'chat.example.org'],
    ['https://chat.example.org', undefined],
  ]
  for (const [origin, host] of foreign) {
    it(`"${origin}" is a stranger on ${host}`, () => expect(originAllowed(origin, host, [])).toBe(false))
  }

  it('those listed may come, as they are usually written', () => {
    const allowed = ['https://app.example.org/', 'http://localhost:5173', 'capacitor://localhost']
    for (const origin of ['https://app.example.org', 'http://localhost:5173', 'capacitor://localhost']) {
      expect(originAllowed(origin, 'chat.example.org', allowed)).toBe(true)
    }
    for (const origin of ['http://app.example.org', 'https://app.example.org.evil.example', 'capacitor://other']) {
      expect(originAllowed(origin, 'chat.example.org', allowed)).toBe(false)
    }
  })

  it('nothing that is written in it opens the door, or breaks it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.webUrl()),
        fc.oneof(fc.string(), fc.constant('chat.example.org')),
        (origin, host) => {
          const page = URL.parse(origin)
          const atHome = page !== null && URL.parse(`${page.protocol}//${host}`)?.host === page.host
          if (!atHome) expect(originAllowed(origin, host, ['https://app.example.org'])).toBe(false)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
