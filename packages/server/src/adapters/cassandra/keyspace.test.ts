import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../lib/manual-clock.ts'
import { onceUsable } from './keyspace.ts'

describe('a keyspace that another node is making', () => {
  const missing = new Error("Cassandra cannot be reached at h:9042: Keyspace 'parley' does not exist")

  it('is waited for', async () => {
    const clock = new ManualClock()
    let tries = 0
    const connected = onceUsable(async () => {
      if (++tries < 4) throw missing
      return 'client'
    }, clock)
    await clock.advance(1000)
    expect(await connected).toBe('client')
    expect(tries).toBe(4)
  })

  it('but not for ever, and nothing else is', async () => {
    const clock = new ManualClock()
    const never = onceUsable(() => Promise.reject(missing), clock)
    const failed = expect(never).rejects.toThrow('does not exist')
    await clock.advance(11_000)
    await failed
    const other = onceUsable(() => Promise.reject(new Error('no host answers')), clock)
    await expect(other).rejects.toThrow('no host answers')
  })
})
