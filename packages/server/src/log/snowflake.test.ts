import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WorkerLease } from '../cluster/coordinator.ts'
import { AppError } from '../lib/errors.ts'
import { ManualClock } from '../lib/manual-clock.ts'
import { SnowflakeGenerator } from './snowflake.ts'
import { compareSnowflakes, composeSnowflake, snowflakeLow, snowflakeTime } from './snowflake-parts.ts'

/** A lease whose stored ceilings outlive its owners. */
class TestLease implements WorkerLease {
  worker
  isHeld = true
  broken = false
  raises = 0
  readonly reserve
  #floor
  #ceilings: Map<number, number>

  constructor(worker = 0, ceiling = 0, reserve = 3000) {
    this.worker = worker
    this.reserve = reserve
    this.#floor = ceiling
    this.#ceilings = new Map([[worker, ceiling]])
  }

  floor = (): number => this.#floor
  ceiling = (): number => this.#ceilings.get(this.worker) ?? 0
  held = (): boolean => this.isHeld
  raise = async (ceiling: number): Promise<void> => {
    this.raises++
    if (this.broken) throw new Error('the disk is full')
    this.store(this.worker, ceiling)
  }

  store(worker: number, ceiling: number): void {
    this.#ceilings.set(worker, Math.max(this.#ceilings.get(worker) ?? 0, ceiling))
  }

  /** As a new owner of the number has it. */
  take(worker = this.worker): void {
    this.isHeld = true
    this.worker = worker
    this.#floor = this.ceiling()
  }
}

const refusal = (run: () => unknown): AppError => {
  try {
    run()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was not refused')
}

async function started(lease = new TestLease(), clock = new ManualClock()) {
  const ids = new SnowflakeGenerator(clock, lease)
  await ids.keepAhead()
  return { ids, lease, clock }
}

type Step =
  | { do: 'make'; count: number }
  | { do: 'after'; ahead: number; low: number }
  | { do: 'pass'; ms: number }
  | { do: 'jump'; ms: number }
  | { do: 'restart' }
  | { do: 'lose' }
  | { do: 'take'; worker: number; used: number }
  | { do: 'break' }
  | { do: 'repair' }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('make' as const), count: fc.integer({ min: 1, max: 5000 }) }) },
    fc.record({
      do: fc.constant('after' as const),
      ahead: fc.integer({ min: -6000, max: 8000 }),
      low: fc.integer({ min: 0, max: 2 ** 22 - 1 }),
    }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 4000 }) }),
    fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -20_000, max: 20_000 }) }),
    fc.record({ do: fc.constantFrom('restart' as const, 'break' as const, 'repair' as const, 'lose' as const) }),
    fc.record({
      do: fc.constant('take' as const),
      worker: fc.integer({ min: 0, max: 3 }),
      used: fc.integer({ min: -3000, max: 1000 }),
    }),
  ),
  { maxLength: 30 },
)

describe('SnowflakeGenerator', () => {
  it('only ever grows, whatever the clock, the disk, restarts and lost leases do (I8)', async () => {
    let made = 0
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(0, 1, 1023),
        fc.constantFrom(3000, 8000),
        async (script, worker, reserve) => {
          const clock = new ManualClock()
          const lease = new TestLease(worker, 0, reserve)
          let ids = new SnowflakeGenerator(clock, lease)
          await ids.keepAhead()
          /** Of this generator, and of every number. */
          let newest = '0'
          const newestOf = new Map<number, string>()
          const make = (after: string): void => {
            let next: { id: string; at: number }
            try {
              next = ids.next(after)
            } catch (error) {
              expect(error).toMatchObject({ code: 'unavailable' })
              return
            }
            made++
            for (const before of [newest, newestOf.get(lease.worker) ?? '0']) {
              if (compareSnowflakes(next.id, before) <= 0) throw new Error(`${next.id} came after ${before}`)
            }
            if (compareSnowflakes(next.id, after) <= 0) throw new Error(`${next.id} is not above ${after}`)
            if (next.at >= lease.ceiling() || next.at > clock.now() + 5000)
              throw new Error(`${next.at} is not reserved`)
            if (snowflakeTime(next.id) !== next.at) throw new Error('the time is not that of the id')
            if (snowflakeLow(next.id) >> 12 !== lease.worker) throw new Error('another worker')
            if (!lease.held() || next.at < lease.floor()) throw new Error('these ids are of somebody else')
            newest = next.id
            newestOf.set(lease.worker, next.id)
          }
          for (const step of script) {
            if (step.do === 'make') for (let left = step.count; left > 0; left--) make('0')
            else if (step.do === 'after') make(composeSnowflake(clock.now() + step.ahead, step.low))
            else if (step.do === 'pass') await clock.advance(step.ms)
            else if (step.do === 'jump') clock.jump(step.ms)
            else if (step.do === 'break' || step.do === 'repair') lease.broken = step.do === 'break'
            else if (step.do === 'lose') lease.isHeld = false
            else if (step.do === 'take') {
              // Meanwhile somebody else had the number.
              lease.store(step.worker, clock.now() + step.used)
              lease.take(step.worker)
            } else {
              ids.close()
              newest = '0'
              lease.take()
              ids = new SnowflakeGenerator(clock, lease)
              await ids.keepAhead().catch(() => {})
            }
          }
          ids.close()
        },
      ),
      { numRuns: 300 },
    )
    expect(made).toBeGreaterThan(100_000)
  })

  it('makes different ids on different workers in the same millisecond', async () => {
    const clock = new ManualClock()
    const a = await started(new TestLease(1), clock)
    const b = await started(new TestLease(2), clock)
    const made = Array.from({ length: 5000 }, () => [a.ids.next('0').id, b.ids.next('0').id]).flat()
    expect(new Set(made).size).toBe(10_000)
  })

  it('never goes back when the clock does; it goes on in logical time', async () => {
    const { ids, clock } = await started()
    const before = ids.next('0')
    clock.jump(-2500)
    const after = ids.next('0')
    expect(compareSnowflakes(after.id, before.id)).toBeGreaterThan(0)
    expect(after.at - before.at).toBeLessThanOrEqual(1)
  })

  it('makes none more than 5 s ahead of the clock, and says when to come back', async () => {
    const { ids, clock } = await started()
    ids.next('0')
    clock.jump(-5001)
    expect(refusal(() => ids.next('0'))).toMatchObject({ code: 'unavailable', retryAfter: 1 })
    await clock.advance(1)
    expect(() => ids.next('0')).not.toThrow()
  })

  it('makes none at or above the ceiling', async () => {
    const clock = new ManualClock()
    const lease = new TestLease()
    const ids = new SnowflakeGenerator(clock, lease)
    await lease.raise(clock.now())
    lease.broken = true
    expect(refusal(() => ids.next('0')).code).toBe('unavailable')
    await clock.advance(1)
    lease.broken = false
    await lease.raise(clock.now() + 1)
    expect(ids.next('0').at).toBe(clock.now())
  })

  it('makes none while the lease is lost, and goes on by itself under another number', async () => {
    const { ids, lease, clock } = await started(new TestLease(9))
    const before = ids.next('0')
    lease.isHeld = false
    expect(refusal(() => ids.next('0')).code).toBe('unavailable')
    lease.take(2)
    await ids.ensure()
    const after = ids.next('0')
    expect(snowflakeLow(after.id) >> 12).toBe(2)
    expect(compareSnowflakes(after.id, before.id)).toBeGreaterThan(0)
    expect(after.at - before.at).toBe(1)
    expect(after.at - clock.now()).toBe(1)
    ids.close()
  })

  it('I8: makes none below what others made with a number that it is given later', async () => {
    const { ids, lease, clock } = await started(new TestLease(1))
    ids.next('0')
    lease.store(2, clock.now() + 2000)
    lease.take(2)
    await ids.ensure()
    expect(ids.next('0').at).toBe(clock.now() + 2000)
    ids.close()
  })

  it('reserves as far ahead as the lease says, beyond what clocks may differ', async () => {
    const { lease, clock, ids } = await started(new TestLease(0, 0, 8000))
    expect(lease.ceiling()).toBe(clock.now() + 8000)
    ids.close()
  })

  it('starts above what an earlier owner may have used', async () => {
    const clock = new ManualClock()
    const { ids } = await started(new TestLease(0, clock.now() + 3000), clock)
    expect(ids.next('0').at).toBeGreaterThanOrEqual(clock.now() + 3000)
  })

  it('can be restarted many times in a short time', async () => {
    const clock = new ManualClock()
    const lease = new TestLease()
    let newest = '0'
    for (let restart = 0; restart < 30; restart++) {
      const { ids } = await started(lease, clock)
      const { id } = ids.next('0')
      expect(compareSnowflakes(id, newest)).toBeGreaterThan(0)
      newest = id
      ids.close()
      lease.take()
      await clock.advance(200)
    }
  })

  it('reserves about once in 1.5 s while time passes, ahead of need', async () => {
    const { ids, lease, clock } = await started()
    for (let passed = 0; passed < 60_000; passed += 100) {
      await clock.advance(100)
      ids.next('0')
    }
    expect(lease.raises).toBeGreaterThan(30)
    expect(lease.raises).toBeLessThan(50)
    ids.close()
    expect(clock.waiting).toBe(0)
  })

  it('waits for a reservation after the process stood still, instead of refusing', async () => {
    const { ids, clock } = await started()
    expect(ids.ensure()).toBeUndefined()
    clock.jump(60_000)
    expect(ids.ensure()).toBeInstanceOf(Promise)
    await ids.ensure()
    expect(ids.next('0').at).toBe(clock.now())
  })

  it('waits for the reservation that an id from a faster clock needs', async () => {
    const { ids, clock } = await started()
    const after = composeSnowflake(clock.now() + 4000, 7)
    expect(refusal(() => ids.next(after)).code).toBe('unavailable')
    await ids.ensure(after)
    expect(compareSnowflakes(ids.next(after).id, after)).toBeGreaterThan(0)
  })

  it('tells why nothing is reserved, and goes on when it can be', async () => {
    const { ids, lease, clock } = await started()
    lease.broken = true
    await clock.advance(10_000)
    expect(refusal(() => ids.next('0'))).toMatchObject({ code: 'unavailable', cause: new Error('the disk is full') })
    lease.broken = false
    await ids.ensure()
    expect(() => ids.next('0')).not.toThrow()
    lease.broken = true
    const second = new SnowflakeGenerator(clock, lease)
    clock.jump(10_000)
    await expect(second.keepAhead()).rejects.toMatchObject({ code: 'unavailable' })
    second.close()
  })

  it('asks the disk at most twice for all who wait together', async () => {
    const { ids, lease, clock } = await started()
    lease.broken = true
    clock.jump(60_000)
    const before = lease.raises
    await Promise.all(Array.from({ length: 100 }, () => ids.ensure()))
    expect(lease.raises - before).toBeLessThanOrEqual(2)
  })
})
