import { describe, expect, it } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { LastOnline } from './last-online.ts'

function world() {
  const clock = new ManualClock()
  const stored = new Map<string, number>()
  const store = { writes: 0, largest: 0, broken: false }
  const lastOnline = new LastOnline(
    {
      saveLastOnline: async (times) => {
        if (store.broken) throw new Error('the disk is full')
        store.writes++
        store.largest = Math.max(store.largest, times.length)
        for (const { user, at } of times) stored.set(user, at)
      },
      lastOnline: async (users) => new Map([...stored].filter(([user]) => users.includes(user))),
    },
    clock,
    silentLogger,
  )
  return { clock, stored, store, lastOnline }
}

describe('LastOnline', () => {
  it('is known at once and stored within a second, gathered', async () => {
    const { clock, stored, store, lastOnline } = world()
    lastOnline.note('alice', 1)
    lastOnline.note('alice', 2)
    lastOnline.note('bob', 3)
    expect(await lastOnline.of(['alice', 'bob', 'carol'])).toEqual(new Map(Object.entries({ alice: 2, bob: 3 })))
    expect(stored.size).toBe(0)
    await clock.advance(1000)
    expect(stored).toEqual(new Map(Object.entries({ alice: 2, bob: 3 })))
    expect(store.writes).toBe(1)
  })

  it('is kept while the store is away, and stored when it is back', async () => {
    const { clock, stored, store, lastOnline } = world()
    store.broken = true
    lastOnline.note('alice', 5)
    await clock.advance(10_000)
    expect((await lastOnline.of(['alice'])).get('alice')).toBe(5)
    store.broken = false
    await clock.advance(1000)
    expect(stored.get('alice')).toBe(5)
    expect(clock.waiting).toBe(0)
  })

  it('is stored in parts, so that messages need not wait behind a whole node', async () => {
    const { stored, store, lastOnline } = world()
    for (let user = 0; user < 2100; user++) lastOnline.note(`user${user}`, user)
    await lastOnline.flush()
    expect(stored.size).toBe(2100)
    expect(store.largest).toBeLessThanOrEqual(500)
  })
})
