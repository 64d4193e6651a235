import { describe, expect, it } from 'vitest'
import type { Entry } from '../log/entry.ts'
import { IndexGaps } from './index-gaps.ts'

const entry = (seq: number, conversation = 'c', body = '{}'): Entry => ({
  conversation,
  seq,
  id: `${seq}`,
  kind: 'message',
  sender: 'ann',
  device: 'd',
  clientMessageId: undefined,
  at: 1000 + seq,
  messages: seq,
  own: seq,
  body,
})

const keptIn = (gaps: IndexGaps): number[] => gaps.takeKept(1000).flatMap(([, { kept }]) => kept.map(({ seq }) => seq))

describe('what is not indexed', () => {
  it('is at hand where this node appended all of it', () => {
    const gaps = new IndexGaps(true)
    gaps.note([entry(1), entry(2)])
    gaps.note([entry(3)])
    expect(gaps.toRead(0)).toEqual([])
    expect(keptIn(gaps)).toEqual([1, 2, 3])
    expect(gaps.conversations()).toEqual([])
  })

  it('is read where another appended in between', () => {
    const gaps = new IndexGaps(true)
    gaps.note([entry(1)])
    gaps.note([entry(3)])
    expect(keptIn(gaps)).toEqual([])
    expect(gaps.toRead(0)).toEqual(['c'])
    expect(gaps.take('c')).toMatchObject({ from: 1, at: 1001 })
  })

  it('may be nothing: what others appended is looked for later, unless what follows shows that there is nothing', () => {
    const gaps = new IndexGaps(true)
    gaps.lookAgain('c', { from: 4, at: 2000, due: 5000 })
    expect([gaps.toRead(4999), gaps.toRead(5000)]).toEqual([[], ['c']])
    expect([gaps.missing, gaps.oldest]).toEqual([undefined, 2000])
    gaps.note([entry(4)])
    expect(gaps.missing).toBe(1004)
    expect(keptIn(gaps)).toEqual([4])
    gaps.lookAgain('c', { from: 5, at: 2000, due: 5000 })
    gaps.note([entry(6)])
    expect(keptIn(gaps)).toEqual([])
    expect(gaps.take('c')).toMatchObject({ from: 5, kept: [] })
  })

  it('is not looked for later while something is known to be missing', () => {
    const gaps = new IndexGaps(true)
    gaps.note([entry(7)])
    gaps.lookAgain('c', { from: 7, at: 2000, due: 5000 })
    expect(keptIn(gaps)).toEqual([7])
  })

  it('stays when indexing it fails, with what was noted meanwhile', () => {
    const gaps = new IndexGaps(true)
    gaps.note([entry(1)])
    const [[conversation, gap]] = gaps.takeKept(1) as [[string, NonNullable<ReturnType<IndexGaps['take']>>]]
    gaps.note([entry(2)])
    gaps.putBack(conversation, gap)
    expect(gaps.take('c')).toMatchObject({ from: 1, kept: [] })
  })

  it('I11: is read when too much is at hand', () => {
    const gaps = new IndexGaps(true)
    const long = 'x'.repeat(1024 * 1024)
    for (let n = 0; n < 20; n++) gaps.note([entry(1, `c${n}`, long)])
    const inLog = gaps.toRead(0)
    expect(inLog).toHaveLength(5)
    expect(keptIn(gaps)).toHaveLength(15)
    for (const conversation of inLog) gaps.take(conversation)
    for (let n = 0; n < 20; n++) gaps.note([entry(2, `c${n}`, long)])
    expect(gaps.toRead(0)).toHaveLength(5)
  })

  it('is taken a few conversations at a time', () => {
    const gaps = new IndexGaps(true)
    for (let n = 0; n < 10; n++) gaps.note([entry(1, `c${n}`), entry(2, `c${n}`)])
    expect(gaps.takeKept(5)).toHaveLength(3)
    expect(gaps.takeKept(100)).toHaveLength(7)
  })

  it('is never at hand where the log is near', () => {
    const gaps = new IndexGaps(false)
    gaps.note([entry(1)])
    gaps.note([entry(2)])
    expect(gaps.toRead(0)).toEqual(['c'])
    expect(gaps.take('c')).toMatchObject({ from: 1, at: 1001 })
  })
})
