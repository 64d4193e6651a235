import { describe, expect, it } from 'vitest'
import { silentLogger } from '../lib/logger.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { Hub, type LocalSession } from './hub.ts'
import { Registrations } from './registrations.ts'

function open() {
  const clock = new ManualClock()
  const hub = new Hub()
  const rows = new Set<string>()
  const calls: string[] = []
  const told: string[][] = []
  const state = { fails: false, delay: 0, woken: [] as string[] }
  const write = (name: string, change: (user: string) => void) => async (node: string, users: readonly string[]) => {
    calls.push(`${name} ${users.join(' ')}`)
    expect(node).toBe('a')
    await new Promise<void>((resolve) => clock.after(state.delay, resolve))
    if (state.fails) throw new Error('away')
    for (const user of users) change(user)
  }
  const registrations = new Registrations({
    self: 'a',
    registry: {
      add: write('add', (user) => rows.add(user)),
      remove: write('remove', (user) => rows.delete(user)),
      dropNode: async () => rows.clear(),
    },
    hub,
    tellOthers: (users) => told.push([...users]),
    clock,
    logger: silentLogger,
  })
  hub.listen(registrations)
  registrations.start()
  const session = (user: string): LocalSession => {
    const wake = () => {
      state.woken.push(user)
    }
    const one: LocalSession = {
      user,
      device: 'd',
      openedAt: 0,
      offer: () => {},
      sendTransient: () => true,
      wake,
      close: () => {},
    }
    hub.add(one)
    return one
  }
  return { clock, hub, rows, calls, told, state, registrations, session }
}

describe('registrations', () => {
  it('those who come are registered together, told to the others, and read once more a second later', async () => {
    const { clock, session, calls, told, state } = open()
    session('ann')
    session('bob')
    session('ann')
    await clock.advance(30)
    expect(calls).toEqual(['add ann bob'])
    expect(told).toEqual([['ann', 'bob']])
    expect(state.woken).toEqual([])
    await clock.advance(200)
    expect(state.woken.toSorted()).toEqual(['ann', 'ann', 'bob'])
    await clock.advance(1000)
    expect(state.woken).toHaveLength(6)
  })

  it('who leaves stays registered for a while; who is back by then costs nothing', async () => {
    const { clock, hub, session, calls, rows } = open()
    const first = session('ann')
    await clock.advance(100)
    hub.remove(first)
    await clock.advance(3000)
    const second = session('ann')
    await clock.advance(30_000)
    expect(calls).toEqual(['add ann'])
    hub.remove(second)
    await clock.advance(10_000)
    expect(calls).toEqual(['add ann', 'remove ann'])
    expect([...rows]).toEqual([])
  })

  it('what is so in the end is what the registry has, however slow it is', async () => {
    const { clock, hub, session, rows, state } = open()
    state.delay = 400
    for (let round = 0; round < 5; round++) {
      const one = session('ann')
      await clock.advance(300)
      hub.remove(one)
      await clock.advance(round % 2 === 0 ? 5600 : 100)
    }
    const last = session('ann')
    await clock.advance(5000)
    expect([...rows]).toEqual(['ann'])
    hub.remove(last)
    await clock.advance(10_000)
    expect([...rows]).toEqual([])
  })

  it('while the registry is away it is tried again; what may have been written is taken out again', async () => {
    const { clock, hub, session, calls, rows, state, told } = open()
    state.fails = true
    const ann = session('ann')
    session('bob')
    await clock.advance(2500)
    expect(calls.length).toBeGreaterThanOrEqual(2)
    expect(told).toEqual([])
    hub.remove(ann)
    await clock.advance(6000)
    state.fails = false
    await clock.advance(2000)
    expect([...rows]).toEqual(['bob'])
    expect(calls.at(-1)).toBe('remove ann')
    expect(told.flat()).toContain('bob')
  })

  it('every registration is renewed within a minute, a part at a time', async () => {
    const { clock, session, calls } = open()
    const users = Array.from({ length: 120 }, (_, index) => `u${index}`)
    for (const user of users) session(user)
    await clock.advance(500)
    calls.length = 0
    await clock.advance(120_000)
    const renewed = calls.flatMap((call) => call.split(' ').slice(1))
    expect(calls.length).toBeGreaterThan(50)
    expect(new Set(renewed).size).toBe(120)
    expect(renewed.length).toBeLessThan(130)
  })

  it('a node that ends leaves nothing behind', async () => {
    const { clock, session, rows, registrations } = open()
    session('ann')
    await clock.advance(100)
    await registrations.close()
    expect([...rows]).toEqual([])
  })
})
