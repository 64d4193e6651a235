import { describe, expect, it } from 'vitest'
import { sleep } from './clock.ts'
import { ManualClock } from './manual-clock.ts'

describe('manual clock', () => {
  it('runs timers in order of time, at their time', async () => {
    const clock = new ManualClock(1000)
    const ran: string[] = []
    const note = (name: string) => () => void ran.push(`${name} ${clock.now()}`)
    clock.after(30, note('late'))
    clock.after(10, note('early'))
    clock.every(15, note('again'))
    clock.soon(note('soon'))
    await clock.advance(30)
    expect(ran).toEqual(['soon 1000', 'early 1010', 'again 1015', 'late 1030', 'again 1030'])
    expect(clock.waiting).toBe(1)
  })

  it('lets what waits for a timer set the next one', async () => {
    const clock = new ManualClock(0)
    let done = 0
    const work = async () => {
      for (; done < 3; done++) await sleep(clock, 10)
    }
    void work()
    await clock.advance(29)
    expect(done).toBe(2)
    await clock.advance(1)
    expect(done).toBe(3)
  })

  it('cancels, and jumps without letting time pass', async () => {
    const clock = new ManualClock(0)
    let ran = false
    const timer = clock.after(10, () => {
      ran = true
    })
    clock.jump(-5000)
    expect([clock.now(), clock.monotonic()]).toEqual([-5000, 0])
    timer.cancel()
    await clock.advance(20)
    expect([ran, clock.now(), clock.monotonic()]).toEqual([false, -4980, 20])
  })
})
