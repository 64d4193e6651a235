import { describe, expect, it } from 'vitest'
import { linksIn } from './links.ts'

const found = (text: string): string[] => linksIn(text).map(({ start, end }) => text.slice(start, end))

describe('links in a text', () => {
  it('are addresses of the web, without the punctuation behind them', () => {
    expect(found('see https://example.org/a?b=1#c, or (http://example.org).')).toEqual([
      'https://example.org/a?b=1#c',
      'http://example.org',
    ])
    expect(found('https://en.wikipedia.org/wiki/Parley_(film)!')).toEqual([
      'https://en.wikipedia.org/wiki/Parley_(film)',
    ])
  })

  it('are nothing that runs, hides or pretends', () => {
    for (const text of [
      'javascript://example.org/%0aalert(1)',
      'data:text/html,<script>alert(1)</script>',
      'https://paypal.com@evil.example/login',
      'https://xn--pypal-4ve.com/',
      'https://pаypal.com/',
      'https://example.org/\u202egpj.exe',
      'https://exa\u200bmple.org',
      'http://',
    ]) {
      expect(found(text), text).toEqual([])
    }
  })
})
