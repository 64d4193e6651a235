import { expect, it } from 'vitest'
import { UpdateEvent } from '../delivery/event.ts'
import type { Entry } from './entry.ts'
import { EntryEvent } from './entry-event.ts'
import { entriesOf, eventCodec } from './event-codec.ts'

const entry: Entry = {
  conversation: 'team',
  seq: 7,
  id: '123',
  kind: 'message',
  sender: 'ann',
  device: 'd1',
  clientMessageId: 'm1',
  at: 1_800_000_000_000,
  messages: 5,
  own: 2,
  body: '{"content":{"text":"hé\\n"}}',
}

const carried = (events: (EntryEvent | UpdateEvent)[]) =>
  events.map((event) => eventCodec.decode(JSON.parse(JSON.stringify(eventCodec.encode(event)))))

it('D7: an event of another node reads as one of this node, to the sender’s devices and to others', () => {
  const edit: Entry = { ...entry, seq: 8, kind: 'edit', clientMessageId: undefined, body: '{"target":7,"content":{}}' }
  for (const one of [entry, edit]) {
    const [local, [remote]] = [new EntryEvent(one), carried([new EntryEvent(one)])]
    for (const reader of ['ann', 'bob']) expect(remote?.json(reader)).toBe(local.json(reader))
    expect([remote?.id, remote?.message]).toEqual([local.id, local.message])
  }
  const update = carried([new UpdateEvent('{"kind":"read"}'), new EntryEvent(edit)])
  expect(update[0]?.json('ann')).toBe('{"kind":"read"}')
  expect(entriesOf(update)).toEqual([edit])
})
