import { describe, expect, it } from 'vitest'
import { type Event, UpdateEvent } from '../delivery/event.ts'
import type { RowExpander } from '../sync/queue-reader.ts'
import { ForwardReceipts, NewestReceipts } from './forward-receipts.ts'
import type { Watermark } from './receipt-store.ts'

const receipts = (conversation: string, ...members: object[]): Event =>
  new UpdateEvent(JSON.stringify({ kind: 'receipts', conversation, members }))
const row = { position: '1', before: '0', pointer: { kind: 'update', update: '' } } as const
const mark = (user: string, kind: 'delivered' | 'read', upTo: number): Watermark => ({
  conversation: 'c',
  user,
  kind,
  upTo,
  at: upTo * 10,
})

function open(stored: Watermark[], events: Event[]) {
  const inner: RowExpander = { expand: async (_user, rows) => rows.map((_, index) => [events[index]]) }
  let reads = 0
  const latest = async (): Promise<Watermark[]> => {
    reads++
    return stored
  }
  return { expander: new NewestReceipts(inner, { latest }), reads: () => reads }
}
const membersOf = (event: Event | undefined): unknown => {
  const update = event?.update('')
  return update?.kind === 'receipts' ? update.members : undefined
}

describe('receipts that several nodes tell', () => {
  it('I7: a session never tells less than before, of each member and kind', () => {
    const lift = new ForwardReceipts()
    lift.lift(receipts('c', { user: 'a', delivered: 9, deliveredAt: 90, read: 4, seenAt: 40 }))
    const older = lift.lift(receipts('c', { user: 'a', delivered: 7, deliveredAt: 70 }, { user: 'b', delivered: 1 }))
    expect(membersOf(older)).toEqual([
      { user: 'a', delivered: 9, deliveredAt: 90, read: 4, seenAt: 40 },
      { user: 'b', delivered: 1 },
    ])
    const newer = lift.lift(receipts('c', { user: 'a', read: 8, seenAt: 80 }))
    expect(membersOf(newer)).toEqual([{ user: 'a', delivered: 9, deliveredAt: 90, read: 8, seenAt: 80 }])
  })

  it('I7: what a queue held back is told as it is stored by now', async () => {
    const events = [receipts('c', { user: 'a', delivered: 3, deliveredAt: 30 }), new UpdateEvent('{"kind":"device"}')]
    const { expander, reads } = open([mark('a', 'delivered', 5), mark('a', 'read', 2), mark('b', 'read', 9)], events)
    const [first, second] = await expander.expand('me', [row, row])
    expect(membersOf(first?.[0])).toEqual([{ user: 'a', delivered: 5, deliveredAt: 50, read: 2, seenAt: 20 }])
    expect(second?.[0]).toBe(events[1])
    expect(reads()).toBe(1)
  })

  it('a hint is given only once it is known what was told before', () => {
    const lift = new ForwardReceipts()
    const event = receipts('c', { user: 'a', delivered: 3 })
    expect(lift.trusts(event)).toBe(false)
    expect(lift.trusts(new UpdateEvent('{"kind":"read"}'))).toBe(true)
    lift.lift(event)
    expect(lift.trusts(event)).toBe(true)
    expect(lift.trusts(receipts('d', { user: 'a', delivered: 3 }))).toBe(false)
  })
})
