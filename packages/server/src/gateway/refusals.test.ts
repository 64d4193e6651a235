import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../lib/errors.ts'
import { Refusals } from './refusals.ts'

const attempt = fc.record({
  conversation: fc.constantFrom('a', 'b'),
  id: fc.constantFrom('m1', 'm2', 'm3'),
  outcome: fc.constantFrom('stored', 'unavailable', 'rate_limited', 'forbidden'),
})

describe('refusals', () => {
  it('D3: behind a retryable refusal nothing of that conversation is executed until the refused one comes again', () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 30 }), (attempts) => {
        const refusals = new Refusals()
        const blocked = new Map<string, { id: string; code: string }>()
        for (const { conversation, id, outcome } of attempts) {
          const block = blocked.get(conversation)
          const told = refusals.check(conversation, id)
          if (block && block.id !== id) {
            expect(told?.code).toBe(block.code)
            continue
          }
          expect(told).toBeUndefined()
          blocked.delete(conversation)
          if (outcome === 'stored') continue
          refusals.note(conversation, id, new AppError(outcome as 'forbidden', 'No.'))
          if (outcome !== 'forbidden') blocked.set(conversation, { id, code: outcome })
        }
      }),
      { numRuns: 2000 },
    )
  })
})
