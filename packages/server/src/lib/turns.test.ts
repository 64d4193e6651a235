import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

describe('turns', () => {
  it('I11: never more at once than there are, first come first served, failures included', async () => {
    const work = fc.record({ ticks: fc.nat(4), fails: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(work, { maxLength: 20 }), async (atOnce, works) => {
        const turns = new Turns(atOnce)
        const started: number[] = []
        let running = 0
        const outcomes = await Promise.allSettled(
          works.map(({ ticks, fails }, index) =>
            turns.take(async () => {
              started.push(index)
              running++
              expect(running).toBeLessThanOrEqual(atOnce)
              for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
              running--
              if (fails) throw new Error('failed')
              return index
            }),
          ),
        )
        expect(started).toEqual(works.map((_, index) => index))
        for (const [index, outcome] of outcomes.entries()) {
          if (works[index]?.fails) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'failed' } })
          else expect(outcome).toEqual({ status: 'fulfilled', value: index })
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('I11: who comes when too many wait is refused at once', async () => {
    const turns = new Turns(1, 2)
    let finish = (): void => {}
    const first = turns.take(() => new Promise<void>((resolve) => (finish = resolve)))
    const waiting = [turns.take(async () => 1), turns.take(async () => 2)]
    await expect(turns.take(async () => 3)).rejects.toMatchObject({ code: 'unavailable' })
    finish()
    await first
    expect(await Promise.all(waiting)).toEqual([1, 2])
    expect(await turns.take(async () => 4)).toBe(4)
  })
})
