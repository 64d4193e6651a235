import type { EventCodec } from '../delivery/cluster-router.ts'
import { type Event, UpdateEvent } from '../delivery/event.ts'
import type { Entry, EntryKind } from './entry.ts'
import { EntryEvent } from './entry-event.ts'

/** An entry as its fields in order; absent ones as null. */
type RawEntry = [
  conversation: string,
  seq: number,
  id: string,
  kind: EntryKind,
  sender: string,
  device: string,
  clientMessageId: string | null,
  at: number,
  messages: number,
  own: number,
  body: string,
]

/** Events between nodes: entries by their fields, small updates as their JSON. */
export const eventCodec: EventCodec = {
  encode(event) {
    if (!(event instanceof EntryEvent)) return event.json('')
    const { conversation, seq, id, kind, sender, device, clientMessageId, at, messages, own, body } = event.entry
    const fields: RawEntry = [
      conversation,
      seq,
      id,
      kind,
      sender,
      device,
      clientMessageId ?? null,
      at,
      messages,
      own,
      body,
    ]
    return fields
  },
  decode(raw) {
    if (typeof raw === 'string') return new UpdateEvent(raw)
    const [conversation, seq, id, kind, sender, device, clientMessageId, at, messages, own, body] = raw as RawEntry
    return new EntryEvent({
      conversation,
      seq,
      id,
      kind,
      sender,
      device,
      clientMessageId: clientMessageId ?? undefined,
      at,
      messages,
      own,
      body,
    })
  },
}

/** The log entries among events. */
export function entriesOf(events: readonly Event[]): Entry[] {
  return events.flatMap((event) => (event instanceof EntryEvent ? [event.entry] : []))
}
