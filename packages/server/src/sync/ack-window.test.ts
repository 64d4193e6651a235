import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UpdateEvent } from '../delivery/event.ts'
import { AckWindow } from './ack-window.ts'

const step = fc.oneof(
  fc.constant('event' as const),
  fc.constant('mark' as const),
  fc.nat(200).map((ago) => ({ ack: ago })),
)

describe('window of what was given', () => {
  it('Y3: an ack takes out everything up to it, once; what was not given moves nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const window = new AckWindow(256)
        const all: string[] = []
        let acknowledged = 0
        let events: boolean[] = []
        for (const one of steps) {
          if (one === 'event') {
            all.push(String(all.length))
            events.push(true)
            window.add(all.at(-1) as string, new UpdateEvent('{}'))
          } else if (one === 'mark') {
            all.push(String(all.length))
            events.push(false)
            window.addMark(all.at(-1) as string)
          } else {
            const index = all.length - 1 - one.ack
            const taken = window.acknowledge(index < 0 ? 'never given' : (all[index] as string))
            if (index < acknowledged) expect(taken).toBeUndefined()
            else {
              expect(taken?.map(({ cursor }) => cursor)).toEqual(all.slice(acknowledged, index + 1))
              events = events.slice(index + 1 - acknowledged)
              acknowledged = index + 1
            }
          }
          const outstanding = events.filter(Boolean).length
          expect([window.outstanding, window.room]).toEqual([outstanding, 256 - outstanding])
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('a mark behind an event may carry the same cursor: one ack is for both', () => {
    const window = new AckWindow(4)
    window.add('a', new UpdateEvent('{}'))
    window.addMark('a')
    expect(window.acknowledge('a')).toHaveLength(2)
    expect(window.acknowledge('a')).toBeUndefined()
    expect(window.room).toBe(4)
  })
})
