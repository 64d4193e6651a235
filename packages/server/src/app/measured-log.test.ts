import { describe, expect, it } from 'vitest'
import { sleep } from '../lib/clock.ts'
import { unavailable } from '../lib/errors.ts'
import { Latencies } from '../lib/latencies.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import type { AppendBatch, AppendOutcome } from '../log/conversation-log.ts'
import { measuredLog } from './measured-log.ts'

describe('measured log', () => {
  it('counts how long each append took, whatever came of it', async () => {
    const clock = new ManualClock()
    const appends = new Latencies()
    const outcome: AppendOutcome = { status: 'appended', places: [] }
    let fails = false
    const append = async () => {
      await sleep(clock, 30)
      if (fails) throw unavailable('The disk is full.')
      return outcome
    }
    const log = measuredLog({ append, complete: async () => {}, findSend: async () => undefined }, clock, appends)
    const appended = log.append({} as AppendBatch)
    await clock.advance(30)
    expect(await appended).toBe(outcome)
    fails = true
    const refused = expect(log.append({} as AppendBatch)).rejects.toThrow('full')
    await clock.advance(30)
    await refused
    expect(appends.sum).toBeCloseTo(0.06)
    expect(appends.upTo.at(-1)).toBe(2)
  })
})
