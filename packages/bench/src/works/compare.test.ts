import { describe, expect, it } from 'vitest'
import type { SlotResult } from '../load/slot.ts'
import { failuresOf, paired } from './compare.ts'

const none = { p50: 0, p95: 0, p99: 0, max: 0 }

function slot(cpuSeconds: number, failures: string[] = []): SlotResult {
  const counts = { seconds: 1, messages: 1000, deliveries: 1000, sent: 1000, expected: 1000, delivered: 1000 }
  const cpu = { cpuSeconds, engineSeconds: {} }
  return { ...counts, ...cpu, loadCpuSeconds: 0, repeats: 0, writtenBytes: 0, ok: none, delivery: none, failures }
}

const cost = ({ cpuSeconds }: SlotResult) => cpuSeconds

describe('paired', () => {
  it('is the median of the ratios of neighbours', () => {
    const { a, b, ratio } = paired([slot(2), slot(6), slot(4)], [slot(1), slot(2), slot(4)], cost)
    expect(a?.median).toBe(4)
    expect(b?.median).toBe(2)
    expect(ratio).toEqual({ median: 2, min: 1, max: 3, count: 3 })
  })

  it('leaves out a slot with delivered ≠ sent, and its partner from the ratio', () => {
    const { a, b, ratio } = paired([slot(9, ['lost']), slot(6)], [slot(1), slot(2)], cost)
    expect(a?.count).toBe(1)
    expect(b?.count).toBe(2)
    expect(ratio).toEqual({ median: 3, min: 3, max: 3, count: 1 })
  })

  it('has no figure when every slot failed', () => {
    expect(paired([slot(1, ['lost'])], [slot(1)], cost).ratio).toBeUndefined()
    expect(paired([slot(1, ['lost'])], [slot(1)], cost).a).toBeUndefined()
  })

  it('gives the limit alone when Parley is not measured', () => {
    expect(paired(undefined, [slot(3)], cost)).toEqual({ b: { median: 3, min: 3, max: 3, count: 1 } })
  })
})

describe('failuresOf', () => {
  it('says whose slot failed and why', () => {
    expect(failuresOf({ Parley: [slot(1), slot(1, ['lost'])], L3: undefined })).toEqual(['Parley slot 2: lost'])
  })
})
