import { expect, it } from 'vitest'
import { ManualClock } from '../lib/manual-clock.ts'
import { Contention } from './contention.ts'

it('a conversation is contended after several lost appends in a short time, for a while', async () => {
  const clock = new ManualClock()
  const contention = new Contention(clock)
  for (let lost = 0; lost < 5; lost++) {
    contention.refused('slow')
    await clock.advance(11_000)
  }
  expect(contention.has('slow')).toBe(false)
  for (let lost = 0; lost < 3; lost++) contention.refused('hot')
  expect([contention.has('hot'), contention.has('other')]).toEqual([true, false])
  await clock.advance(50_000)
  contention.refused('hot')
  await clock.advance(50_000)
  expect(contention.has('hot')).toBe(true)
  await clock.advance(11_000)
  expect(contention.has('hot')).toBe(false)
})

it('so it is when nodes take turns quickly, and as long as it is sent to', async () => {
  const clock = new ManualClock()
  const contention = new Contention(clock)
  const exchange = (conversation: string): void => {
    contention.followed(conversation, 'b')
    contention.appended(conversation)
  }
  for (let n = 0; n < 5; n++) {
    exchange('slow')
    await clock.advance(6000)
  }
  expect(contention.use('slow')).toBeUndefined()
  for (let n = 0; n < 20; n++) contention.appended('alone')
  for (let n = 0; n < 20; n++) contention.followed('heard', 'b')
  expect([contention.has('alone'), contention.has('heard')]).toEqual([false, false])
  for (let n = 0; n < 4; n++) exchange('quick')
  expect(contention.use('quick')).toMatchObject({ rival: 'b' })
  for (let minute = 0; minute < 9; minute++) {
    await clock.advance(59_000)
    expect(contention.use('quick')).toBeDefined()
  }
  // Those two may be elsewhere by now.
  await clock.advance(59_000)
  contention.use('quick')
  await clock.advance(30_000)
  expect(contention.use('quick')).toBeUndefined()
})
