import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CursorFormat } from './cursor.ts'

const isPosition = (text: string): boolean => /^\d+$/.test(text)
const format = new CursorFormat('epoch1', isPosition)

describe('cursors', () => {
  it('Y1: read back as they were written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(999_999), (after, given) => {
        const cursor = { after: String(after), given }
        expect(format.parse(format.at(cursor.after, given))).toMatchObject(cursor)
      }),
      { numRuns: 2000 },
    )
  })

  it('Y4: of another epoch, or unreadable, are nothing', () => {
    expect(new CursorFormat('epoch2', isPosition).parse(format.at('5'))).toBeUndefined()
    expect(new CursorFormat('epoch', isPosition).parse(format.at('5'))).toBeUndefined()
    for (const text of [
      '',
      'epoch1',
      'epoch1.',
      'epoch1.5~',
      'epoch1.5~-1',
      'epoch1.5~1~2',
      'epoch1.5~1e3',
      'epoch1.x',
    ])
      expect(format.parse(text), text).toBeUndefined()
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = format.parse(`epoch1.${text}`)
        if (parsed) expect(isPosition(parsed.after) && parsed.given >= 0).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })
})
