import { describe, expect, it } from 'vitest'
import { type Event, UpdateEvent } from '../delivery/event.ts'
import { ForwardReads, NewestReads } from './forward-reads.ts'

const read = (conversation: string, upTo: number): Event =>
  new UpdateEvent(JSON.stringify({ kind: 'read', conversation, read: upTo, unread: 9 - upTo, head: 9 }))
const other = new UpdateEvent('{"kind":"device"}')
const row = { position: '1', before: '0', pointer: { kind: 'update', update: '' } } as const

describe('read marks that several nodes tell', () => {
  it('I7: a session repeats the newest instead of an older one', () => {
    const lift = new ForwardReads()
    const newest = read('c', 7)
    expect(lift.lift(read('c', 4)).json('me')).toContain('"read":4')
    expect(lift.lift(newest)).toBe(newest)
    expect(lift.lift(read('c', 6))).toBe(newest)
    expect(lift.lift(read('d', 6)).json('me')).toContain('"conversation":"d"')
    expect(lift.lift(other)).toBe(other)
  })

  it('I7: what lies on a queue behind a newer one is not told', async () => {
    const events = [read('c', 4), other, read('c', 7), read('d', 1)]
    let asked = 0
    const readMark = async (_user: string, conversation: string) => {
      asked++
      return conversation === 'c' ? { read: 7, messages: 7, own: 0 } : undefined
    }
    const expander = new NewestReads({ expand: async () => events.map((event) => [event]) }, { readMark })
    const rows = events.map(() => row)
    expect((await expander.expand('me', rows)).flat()).toEqual([undefined, other, events[2], events[3]])
    expect(asked).toBe(2)
  })

  it('a hint is given only once it is known what was told before', () => {
    const lift = new ForwardReads()
    expect([lift.trusts(read('c', 4)), lift.trusts(other)]).toEqual([false, true])
    lift.lift(read('c', 4))
    expect([lift.trusts(read('c', 5)), lift.trusts(read('d', 5))]).toEqual([true, false])
  })
})
