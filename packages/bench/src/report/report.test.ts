import { describe, expect, it } from 'vitest'
import { type Row, verdictOf } from './row.ts'
import { numberText, renderTable } from './table.ts'

const row: Row = { work: 'W1', figure: 'cost', unit: 's', parley: 0.04, limit: 0.03 }

describe('verdictOf', () => {
  it('needs every bound to hold', () => {
    expect(verdictOf({ ...row, goal: { atMost: 0.04 } })).toBe('met')
    expect(verdictOf({ ...row, goal: { atMost: 0.039 } })).toBe('missed')
    expect(verdictOf({ ...row, goal: { atLeast: 0.05 } })).toBe('missed')
    const ratio = { median: 1.7, min: 1, max: 2, count: 5 }
    expect(verdictOf({ ...row, ratio, goal: { atMost: 0.04, ratioAtMost: 1.6 } })).toBe('missed')
    expect(verdictOf({ ...row, ratio, goal: { atMost: 0.04, ratioAtMost: 1.7 } })).toBe('met')
  })

  it('never calls a figure met that is missing or failed', () => {
    expect(verdictOf({ ...row, parley: undefined, goal: { atMost: 1 } })).toBe('unmeasured')
    expect(verdictOf({ ...row, parley: Number.NaN, goal: { atMost: 1 } })).toBe('unmeasured')
    expect(verdictOf({ ...row, parley: 1 / 0, goal: { atLeast: 1 } })).toBe('unmeasured')
    expect(verdictOf({ ...row, goal: { atMost: 1, ratioAtMost: 2 } })).toBe('unmeasured')
    expect(verdictOf({ ...row, goal: { atMost: 1 }, failures: ['2 sent, 1 delivered'] })).toBe('failed')
  })
})

describe('renderTable', () => {
  it('aligns the columns and says why a row failed', () => {
    const lines = renderTable([{ ...row, failures: ['10 expected, 9 delivered'] }, row]).split('\n')
    expect(new Set(lines.slice(0, 4).map((line) => line.length)).size).toBe(1)
    expect(lines.at(-1)).toBe('W1 cost: 10 expected, 9 delivered')
  })

  it('writes numbers to three digits', () => {
    expect([0.024311, 12.345, 999.6, 25_432.4].map(numberText)).toEqual(['0.0243', '12.3', '1000', '25,432'])
    expect(numberText(Number.NaN)).toBe('')
  })
})
