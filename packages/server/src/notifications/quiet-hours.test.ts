import { describe, expect, it } from 'vitest'
import { endOfQuietHours } from './quiet-hours.ts'

const at = (text: string): number => Date.parse(`${text}Z`)
const night = { from: '22:00', to: '07:00' }

describe('N6: quiet hours', () => {
  it.each([
    ['before the evening', night, '2026-01-05T21:59:59.999', undefined],
    ['from the first moment', night, '2026-01-05T22:00', '2026-01-06T07:00'],
    ['at midnight', night, '2026-01-06T00:00', '2026-01-06T07:00'],
    ['to the last moment', night, '2026-01-06T06:59:59.999', '2026-01-06T07:00'],
    ['after the morning', night, '2026-01-06T07:00', undefined],
    ['within a day', { from: '13:00', to: '14:30' }, '2026-01-05T13:15:20', '2026-01-05T14:30'],
    ['outside within a day', { from: '13:00', to: '14:30' }, '2026-01-05T14:30', undefined],
    ['none when both ends are the same', { from: '08:00', to: '08:00' }, '2026-01-05T08:00', undefined],
    ['in winter of a zone', { ...night, timeZone: 'Europe/Berlin' }, '2026-01-05T21:30', '2026-01-06T06:00'],
    ['in summer of a zone', { ...night, timeZone: 'Europe/Berlin' }, '2026-07-05T20:30', '2026-07-06T05:00'],
    ['of a zone with half an hour', { ...night, timeZone: 'Asia/Kolkata' }, '2026-01-05T16:30', '2026-01-06T01:30'],
    [
      'of a zone that nobody knows, as UTC',
      { ...night, timeZone: 'Moon/Tycho' },
      '2026-01-05T23:00',
      '2026-01-06T07:00',
    ],
  ])('%s', (_, hours, now, end) => {
    expect(endOfQuietHours(hours, at(now))).toBe(end === undefined ? undefined : at(end))
  })

  it('in the night that clocks change they end an hour off at most, and the next look is right', () => {
    const hours = { ...night, timeZone: 'Europe/Berlin' }
    // 23:00 in winter time; 07:00 comes in summer time, an hour sooner.
    const end = endOfQuietHours(hours, at('2026-03-28T22:00')) as number
    expect(Math.abs(end - at('2026-03-29T05:00'))).toBeLessThanOrEqual(3_600_000)
    expect(endOfQuietHours(hours, end)).toBeUndefined()
    // 23:00 in summer time; 07:00 comes in winter time, an hour later.
    const early = endOfQuietHours(hours, at('2026-10-24T21:00')) as number
    expect(early).toBe(at('2026-10-25T05:00'))
    expect(endOfQuietHours(hours, early)).toBe(at('2026-10-25T06:00'))
  })
})
