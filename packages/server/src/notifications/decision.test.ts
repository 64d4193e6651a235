import { describe, expect, it } from 'vitest'
import { type Decision, decide, type Facts } from './decision.ts'

const now = Date.UTC(2026, 0, 5, 23, 30)
const due: Facts = {
  now,
  seq: 5,
  mentioned: false,
  isShown: false,
  isMember: true,
  acknowledged: false,
  read: 4,
  settings: {},
  user: {},
}
const night = { quietHours: { from: '22:00', to: '07:00', timeZone: 'UTC' } }
const morning = Date.UTC(2026, 0, 6, 7)
const show: Decision = { do: 'show' }
const withdraw: Decision = { do: 'withdraw' }
const nothing = (because: Extract<Decision, { do: 'nothing' }>['because']): Decision => ({ do: 'nothing', because })

describe('whether a device is told', () => {
  it.each<[string, Partial<Facts>, Decision]>([
    ['N2: not acknowledged, not read', {}, show],
    ['N2: acknowledged', { acknowledged: true }, nothing('acknowledged')],
    ['N4: a later message, while one is shown', { isShown: true }, show],
    ['N5: read before it was shown', { read: 5 }, nothing('read')],
    ['N5: read further', { read: 9, isShown: true }, withdraw],
    ['N5: read, though muted meanwhile', { read: 5, isShown: true, settings: { notify: 'none' } }, withdraw],
    ['N5: read at night', { read: 5, isShown: true, user: night }, withdraw],
    ['N5: left while it is shown', { isMember: false, isShown: true }, withdraw],
    ['N5: left before', { isMember: false }, nothing('left')],
    ['acknowledged, while an earlier one is shown', { acknowledged: true, isShown: true }, nothing('acknowledged')],
    ['N6: muted', { settings: { notify: 'none' } }, nothing('muted')],
    ['N6: muted, also for a mention', { settings: { notify: 'none' }, mentioned: true }, nothing('muted')],
    ['N6: muted for a while', { settings: { mutedUntil: now + 1 } }, nothing('muted')],
    ['N6: the while is over', { settings: { mutedUntil: now } }, show],
    ['N6: mentions only, none', { settings: { notify: 'mentions' } }, nothing('mentions-only')],
    ['N6: mentions only, one', { settings: { notify: 'mentions' }, mentioned: true }, show],
    ['N6: at night', { user: night }, { do: 'wait', until: morning }],
    ['N6: in the morning', { now: morning, user: night }, show],
    ['N6: muted at night: it waits for nothing', { user: night, settings: { notify: 'none' } }, nothing('muted')],
  ])('%s', (_, facts, decision) => {
    expect(decide({ ...due, ...facts })).toEqual(decision)
  })
})
