import { describe, expect, it } from 'vitest'
import { EventScan, isEvent } from './event-scan.ts'

function scanned(scan: EventScan, frame: object) {
  const bytes = Buffer.from(`xx${JSON.stringify(frame)}{"seq":99,"pos":"99"}`)
  const to = 2 + JSON.stringify(frame).length
  return { seq: scan.seq(bytes, 2, to), pos: scan.pos(bytes, 2, to) }
}

describe('EventScan', () => {
  it('finds seq and pos wherever they are, and again when they move', () => {
    const scan = new EventScan()
    const update = { kind: 'message', conversation: 'c', seq: 12 }
    expect(scanned(scan, { t: 'event', pos: 'a-1', update })).toEqual({ seq: 12, pos: 'a-1' })
    expect(scanned(scan, { t: 'event', pos: 'a-1000', update })).toEqual({ seq: 12, pos: 'a-1000' })
    expect(scanned(scan, { update: { seq: 345 }, pos: 'b' })).toEqual({ seq: 345, pos: 'b' })
  })

  it('does not read on into the next frame', () => {
    expect(scanned(new EventScan(), { t: 'live' })).toEqual({ seq: 0, pos: undefined })
  })
})

describe('isEvent', () => {
  it('knows an event by its first bytes', () => {
    expect(isEvent(Buffer.from('..{"t":"event","pos":"1"}'), 2)).toBe(true)
    expect(isEvent(Buffer.from('{"t":"error","code":"x"}'), 0)).toBe(false)
    expect(isEvent(Buffer.from('[{"t":"event"}]'), 0)).toBe(false)
  })
})
