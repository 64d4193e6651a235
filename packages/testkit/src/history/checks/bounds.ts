import type { Position } from '@parley/protocol'
import type { Facts } from '../facts.ts'
import type { Violation } from '../record.ts'

/** I11: queues that servers tell of stay within their bounds, and a device is never sent more than its window. */
export function* checkBounds(facts: Facts): Generator<Violation> {
  for (const record of facts.records) {
    if (record.type !== 'memory' || record.size <= record.bound) continue
    const { node, queue, size, bound } = record
    yield { invariant: 'I11', message: `${queue} of ${node} held ${size}, its bound is ${bound}` }
  }
  for (const [device, records] of facts.devices) {
    let session = 0
    let window = Number.POSITIVE_INFINITY
    let outstanding: Position[] = []
    for (const record of records) {
      if (record.type === 'welcome') {
        session = record.session
        window = record.window
        outstanding = []
      } else if (record.type === 'event' && record.session === session) {
        outstanding.push(record.pos)
        if (outstanding.length !== window + 1) continue
        const message = `${device} was sent ${outstanding.length} events beyond its last ack, its window is ${window}`
        yield { invariant: 'I11', message }
      } else if (record.type === 'acked' && record.session === session) {
        outstanding = outstanding.slice(outstanding.lastIndexOf(record.pos) + 1)
      }
    }
  }
}
