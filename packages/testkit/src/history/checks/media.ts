import type { MediaId } from '@parley/protocol'
import type { Facts } from '../facts.ts'
import type { Violation } from '../record.ts'

/** I10: media of a message that a device was told, and that was not deleted since, can be read by it. */
export function* checkMedia(facts: Facts): Generator<Violation> {
  for (const [device, records] of facts.devices) {
    const delivered = new Set<MediaId>()
    const unreadable = new Set<MediaId>()
    for (const record of records) {
      if (record.type === 'event' && record.update.kind === 'message' && 'media' in record.update.content) {
        const { conversation, seq, content } = record.update
        if (content.media && !facts.log(conversation).deleted.has(seq)) delivered.add(content.media.id)
      }
      if (record.type === 'media' && !record.readable) unreadable.add(record.media)
    }
    for (const media of delivered.intersection(unreadable)) {
      yield { invariant: 'I10', message: `${device} was told of media ${media} and could not read it` }
    }
  }
}
