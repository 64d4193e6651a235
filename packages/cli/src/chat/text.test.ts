import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseKeys } from './keys.ts'
import { fit, harmless, widthOf, wrap } from './text.ts'

describe('text in a terminal', () => {
  it('fits exactly, whatever the script', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect(widthOf(fit(harmless(text.replace(/\n/g, ' ')), width))).toBe(width)
      }),
      { numRuns: 2000 },
    )
    expect(fit('hello world', 7)).toBe('hello …')
    expect(fit('日本語', 4)).toBe('日… ')
  })

  it('wraps between words, cuts long ones, keeps every letter', () => {
    expect(wrap('the quick brown fox', 9)).toEqual(['the quick', 'brown fox'])
    expect(wrap('a\n\nb', 9)).toEqual(['a', '', 'b'])
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 4, max: 30 }), (text, width) => {
        const plain = harmless(text.replace(/\n/g, ' '))
        const lines = wrap(plain, width)
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true)
        expect(lines.join('').replace(/ /g, '')).toBe(plain.replace(/ /g, ''))
      }),
      { numRuns: 2000 },
    )
  })

  it('shows what a terminal would obey as dots', () => {
    expect(harmless('\u001b[2Jgone\u0007 \u202egnp.exe')).toBe('·[2Jgone· ·gnp.exe')
  })
})

describe('keys', () => {
  it('knows keys among text', () => {
    expect(parseKeys('hi\r\u001b[5~\u001b[A\u007f')).toEqual([
      { name: 'text', text: 'hi' },
      { name: 'enter' },
      { name: 'page-up' },
      { name: 'up' },
      { name: 'backspace' },
    ])
    expect(parseKeys('\u001b')).toEqual([{ name: 'escape' }])
    expect(parseKeys('\u001b[27;5;9~ü')).toEqual([{ name: 'text', text: 'ü' }])
  })

  it('takes any input apart and ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (input) => void parseKeys(input)),
      { numRuns: 2000 },
    )
  })
})
