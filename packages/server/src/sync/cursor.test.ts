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

  it('Y1: of late queues say how far the queue is settled, and what was given above', () => {
    const late = new CursorFormat('epoch1', isPosition, true)
    const position = fc.maxSafeNat().map(String)
    const cursors = fc.record({
      after: position,
      given: fc.nat(999_999),
      low: position,
      above: fc.stringMatching(/^[\w.-]{0,40}$/),
      mark: fc.option(position, { nil: undefined }),
    })
    fc.assert(
      fc.property(cursors, (cursor) => {
        expect(late.parse(late.late(cursor))).toEqual(cursor)
        expect(late.parse(late.format(cursor))).toEqual(cursor)
        expect(format.parse(late.late(cursor)), 'an exact queue never gave it').toBeUndefined()
      }),
      { numRuns: 2000 },
    )
    // As they were given by one process, before its queues were moved.
    expect(late.parse('epoch1.17')).toEqual({ after: '17', given: 0, low: '17', above: '', mark: undefined })
    expect(late.parse('epoch1.17~2')).toMatchObject({ after: '17', low: '17' })
    for (const text of ['5~0~', '5~0~x', '5~0~1~ä', '5~0~1~a~x', '5~0~1~a~2~3', '5~0~1~a b', '~0~1']) {
      expect(late.parse(`epoch1.${text}`), text).toBeUndefined()
    }
  })
})
