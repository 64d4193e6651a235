import { expect, it } from 'vitest'
import { ManualClock } from '../lib/manual-clock.ts'
import { Contention } from './contention.ts'

it('a conversation is contended after several lost appends in a short time, for a while', async () => {
  const clock = new ManualClock()
  const contention = new Contention(clock)
  for (let lost = 0; lost < 5; lost++) {
    contention.note('slow')
    await clock.advance(11_000)
  }
  expect(contention.has('slow')).toBe(false)
  for (let lost = 0; lost < 3; lost++) contention.note('hot')
  expect([contention.has('hot'), contention.has('other')]).toEqual([true, false])
  await clock.advance(50_000)
  contention.note('hot')
  await clock.advance(50_000)
  expect(contention.has('hot')).toBe(true)
  await clock.advance(11_000)
  expect(contention.has('hot')).toBe(false)
})
