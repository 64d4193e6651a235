import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Answers, type Slot } from './answers.ts'

describe('answers', () => {
  it('S3: leave in the order of their frames, each as soon as none before it is open', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined }), { maxLength: 60 }), (steps) => {
        const written: number[] = []
        const answers = new Answers({ send: (data) => written.push(Number(data)) })
        const slots: Slot[] = []
        const settled = new Set<number>()
        for (const step of steps) {
          if (step === undefined) slots.push(answers.open())
          else if (slots[step] && !settled.has(step)) {
            settled.add(step)
            answers.settle(slots[step], String(step))
          }
          let next = 0
          while (settled.has(next)) next++
          expect(written).toEqual(Array.from({ length: next }, (_, index) => index))
          expect(answers.outstanding).toBe(slots.length - next)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
