import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../lib/manual-clock.ts'
import { Tickets } from './tickets.ts'

const key = Buffer.alloc(32, 1)
const alice = { user: '17', device: '23' }

describe('tickets', () => {
  it('stand for a device for one minute', async () => {
    const clock = new ManualClock()
    const tickets = new Tickets(key, clock)
    const { ticket, expiresAt } = tickets.issue(alice)
    expect(expiresAt).toBe(clock.now() + 60_000)
    expect(new Tickets(key, clock).redeem(ticket)).toEqual(alice)
    await clock.advance(59_999)
    expect(tickets.redeem(ticket)).toEqual(alice)
    await clock.advance(1)
    expect(tickets.redeem(ticket)).toBeUndefined()
  })

  it('of another installation, or of none, are worth nothing', () => {
    const clock = new ManualClock()
    const { ticket } = new Tickets(Buffer.alloc(32, 2), clock).issue(alice)
    const tickets = new Tickets(key, clock)
    for (const wrong of [ticket, '', '.', '..', 'x', ticket.split('.')[0]!, `.${ticket.split('.')[1]}`])
      expect(tickets.redeem(wrong)).toBeUndefined()
  })

  it('cannot be changed: one other bit and they are nobody’s', () => {
    const tickets = new Tickets(key, new ManualClock())
    const { ticket } = tickets.issue(alice)
    const [claims, seal] = ticket.split('.').map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer]
    const bits = (claims.length + seal.length) * 8
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bits - 1 }), (bit) => {
        const changed = Buffer.concat([claims, seal])
        changed[bit >> 3]! ^= 1 << (bit & 7)
        const parts = [changed.subarray(0, claims.length), changed.subarray(claims.length)]
        expect(tickets.redeem(parts.map((part) => part.toString('base64url')).join('.'))).toBeUndefined()
      }),
      { numRuns: 2000 },
    )
  })
})
