import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertHistory, checkHistory } from './check-history.ts'
import { plantedFaults } from './planted-faults.ts'
import { type HistoryRecord, type Invariant, invariants } from './record.ts'
import { Story } from './story.ts'

describe('histories without fault', () => {
  it('an empty one', () => {
    expect(checkHistory([])).toEqual([])
  })

  const step = fc.record({
    kind: fc.constantFrom(
      'send',
      'send',
      'send',
      'lose',
      'pump',
      'pump',
      'drop',
      'connect',
      'leave',
      'join',
      'reset',
      'new',
    ),
    who: fc.nat(5),
    where: fc.nat(1),
    count: fc.integer({ min: 1, max: 4 }),
  })

  it('none is blamed, whatever clients did', () => {
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const story = new Story()
      const users = ['ann', 'bob', 'eve']
      const devices: string[] = []
      for (const user of users) {
        for (const device of [`${user}-phone`, `${user}-laptop`]) {
          story.device(user, device)
          devices.push(device)
        }
      }
      story.group('team', 'ann', 'bob', 'eve')
      story.direct('pair', 'ann', 'bob')
      const unanswered = new Map<string, string>()
      for (const [index, { kind, who, where, count }] of steps.entries()) {
        const device = devices[who % devices.length]!
        const known = story.devices.get(device)!
        const conversation = where === 0 || known.user === 'eve' ? 'team' : 'pair'
        const waiting = unanswered.get(device)
        const present = story.conversations.get('team')!.present
        if (kind === 'connect' || known.session === undefined) {
          story.disconnect(device)
          story.connect(device)
          // The outbox first.
          if (waiting) story.send(device, ...(waiting.split(' ') as [string, string]), { text: waiting })
          unanswered.delete(device)
        } else if (kind === 'send' || kind === 'lose') {
          const clientMessageId = `m${index}`
          const text = `${conversation} ${clientMessageId}`
          story.send(device, conversation, clientMessageId, { text }, kind === 'lose' && present.has(known.user))
          if (kind === 'lose' && present.has(known.user)) unanswered.set(device, text)
        } else if (kind === 'pump') story.pump(device, count, count > 2 ? 1 : 0)
        else if (kind === 'drop') story.disconnect(device)
        else if (kind === 'leave' && present.has(known.user)) story.membership('team', known.user, known.user, null)
        else if (kind === 'join' && !present.has(known.user)) story.membership('team', 'ann', known.user, 'member')
        else if (kind === 'reset') story.reset(device)
        else if (kind === 'new' && devices.length < 9) {
          devices.push(`${known.user}-${index}`)
          story.device(known.user, `${known.user}-${index}`)
        }
      }
      story.end()
      expect(checkHistory(story.history.records)).toEqual([])
    })
    fc.assert(property, { numRuns: 1000 })
  })
})

describe('faults', () => {
  for (const { name, invariant, history } of plantedFaults) {
    it(`${invariant} is caught: ${name}`, () => {
      const { good, bad } = history()
      expect(checkHistory(good)).toEqual([])
      const found = checkHistory(bad)
      expect(found.map((violation) => violation.invariant)).toContain(invariant)
      for (const { message } of found) expect(message).not.toMatch(/undefined|NaN|\[object/)
      expect(() => assertHistory(bad)).toThrow(`${invariant} (${invariants[invariant]})`)
    })
  }

  it('there is one for every invariant', () => {
    const covered = new Set(plantedFaults.map((fault) => fault.invariant))
    expect(Object.keys(invariants).filter((name) => !covered.has(name as Invariant))).toEqual([])
  })

  it('any single entry that a device did not apply is noticed', () => {
    const story = new Story()
    for (const device of ['ann-phone', 'ann-laptop', 'bob-phone']) story.device(device.split('-')[0]!, device)
    story.group('team', 'ann', 'bob')
    for (let n = 0; n < 5; n++) story.send('ann-phone', 'team', `m${n}`, { text: `${n}` }, n === 3)
    story.end()
    const good = story.history.records
    const applied = good.flatMap((record, index) => (record.type === 'applied' ? index : []))
    expect(applied.length).toBe(18)
    for (const index of applied) {
      expect(checkHistory(good.filter((_, other) => other !== index)), `without record ${index}`).not.toEqual([])
    }
  })
})

describe('histories that cannot be judged', () => {
  it('are refused: no log where messages were acknowledged, no members where there is a log', () => {
    const story = new Story()
    story.device('ann', 'phone')
    story.direct('pair', 'ann', 'bob')
    story.send('phone', 'pair', 'm1', { text: 'hi' })
    story.end()
    const without = (type: HistoryRecord['type']) => story.history.records.filter((record) => record.type !== type)
    expect(() => checkHistory(without('log'))).toThrow('without a log of pair')
    expect(() => checkHistory(without('direct'))).toThrow('without members of pair')
  })
})
