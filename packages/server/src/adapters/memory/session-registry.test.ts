import { describe, expect, it } from 'vitest'
import { sessionRegistryRules } from '../../delivery/session-registry.contract.ts'
import { registrationLife } from '../../delivery/session-registry.ts'
import { ManualClock } from '../../lib/manual-clock.ts'
import { describeContract, movedTime } from '../../lib/stores.contract.ts'
import { MemorySessionRegistry } from './session-registry.ts'

async function open() {
  const time = movedTime()
  const sessions = new MemorySessionRegistry(time.clock)
  return { ...time, node: async () => ({ sessions }), close: async () => {} }
}

describeContract('session registry in memory', sessionRegistryRules, open, { runs: 1000, exact: true })

describe('memory of the session registry', () => {
  it('I11: lets go of registrations that nobody renews', async () => {
    const clock = new ManualClock()
    const sessions = new MemorySessionRegistry(clock)
    for (let life = 0; life < 20; life++) {
      await sessions.add(`n${life}`, ['a', 'b', 'c'])
      await clock.advance(registrationLife / 2)
    }
    expect(sessions.size).toBeLessThanOrEqual(12)
  })
})
