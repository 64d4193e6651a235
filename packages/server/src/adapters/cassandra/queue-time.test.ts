import { describe, expect, it } from 'vitest'
import { unavailable } from '../../lib/errors.ts'
import { ManualClock } from '../../lib/manual-clock.ts'
import { isUnavailable } from '../../lib/stores.contract.ts'
import { QueueTime } from './queue-time.ts'

const lateness = 10_000

/** A node whose clock a test moves, beside an engine whose clock goes right. */
async function open(off = 0) {
  const clock = new ManualClock()
  clock.jump(off)
  const engine = { off, error: 1, away: false, asked: 0 }
  const time = new QueueTime({
    clock,
    lateness,
    measure: async () => {
      engine.asked++
      if (engine.away) throw unavailable('away')
      return { ahead: engine.off, error: engine.error }
    },
  })
  const jump = (ms: number) => {
    clock.jump(ms)
    engine.off += ms
  }
  return { clock, time, engine, jump }
}

const refuses = (time: QueueTime): boolean => {
  try {
    time.take(0, 1)
    return false
  } catch (error) {
    if (!isUnavailable(error)) throw error
    return true
  }
}

describe('time of queue rows', () => {
  it('is given while the clock is within a quarter of W of the engine, and says why when not', async () => {
    for (const [off, refused] of [
      [0, false],
      [2_000, false],
      [-2_000, false],
      [2_490, false],
      [2_510, true],
      [-2_510, true],
      [60_000, true],
    ] as const) {
      const { time } = await open(off)
      expect(refuses(time), 'nothing is known yet').toBe(true)
      await time.measure()
      expect(refuses(time), `${off} ms off`).toBe(refused)
      if (refused) expect(time.trouble()).toContain(`${Math.abs(off)} ms ${off > 0 ? 'ahead' : 'behind'}`)
      else expect(time.trouble()).toBeUndefined()
      expect(time.ahead).toBe(off)
    }
  })

  it('is refused from the moment the clock jumps too far, and given again when it is right', async () => {
    const { time, jump, clock } = await open()
    await time.measure()
    jump(-2_000)
    expect(refuses(time)).toBe(false)
    jump(-1_000)
    expect(refuses(time), 'at once, without a measurement').toBe(true)
    await clock.advance(100)
    expect(refuses(time)).toBe(true)
    jump(3_000)
    expect(refuses(time)).toBe(false)
  })

  it('after a sleep of the machine it is measured again before it is given', async () => {
    const { time, clock, engine } = await open()
    await time.measure()
    // The monotonic clock stood still meanwhile; the wall clock is right.
    clock.jump(3_600_000)
    expect(refuses(time)).toBe(true)
    await clock.advance(1)
    expect(refuses(time)).toBe(false)
    expect(engine.asked).toBe(2)
  })

  it('an engine that answers slowly or not at all leaves what was known', async () => {
    const { time, engine, clock } = await open()
    const stop = await time.start(10_000)
    Object.assign(engine, { off: 9_000, error: 2_000 })
    await clock.advance(10_000)
    expect(refuses(time)).toBe(false)
    engine.away = true
    await clock.advance(60_000)
    expect(refuses(time)).toBe(false)
    expect(engine.asked).toBe(8)
    stop()
    await clock.advance(60_000)
    expect(engine.asked).toBe(8)
  })

  it('grows with every row, never stands before the row it follows, and never far ahead', async () => {
    const { time, clock, jump } = await open()
    await time.measure()
    const first = time.take(0, 5)
    expect(first).toBe(clock.now() * 1000)
    expect(time.take(0, 1)).toBe(first + 5)
    expect(time.take(first + 900, 2)).toBe(first + 901)
    expect(time.take(0, 1)).toBe(first + 903)
    jump(-1_000)
    expect(time.take(0, 1), 'the clock went back').toBe(first + 904)
    await clock.advance(1_001)
    expect(time.take(0, 1)).toBe(first + 1_000)
    expect(() => time.take((clock.now() + lateness / 2) * 1000 + 1, 1)).toThrow(/too far ahead/)
  })
})
