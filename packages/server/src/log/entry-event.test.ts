import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry, EntryKind } from './entry.ts'
import { EntryEvent } from './entry-event.ts'

const kinds = ['message', 'edit', 'delete', 'reaction', 'membership', 'conversation'] as const satisfies EntryKind[]

function entryOf(kind: EntryKind, clientMessageId: string | undefined, fields: object): Entry {
  const body = JSON.stringify(fields)
  const who = { sender: 'alice', device: 'd1', clientMessageId }
  return { conversation: 'c', seq: 7, id: '99', kind, ...who, at: 5, messages: 3, own: 1, body }
}

const event = fc.record({
  kind: fc.constantFrom(...kinds),
  text: fc.string({ unit: 'binary' }),
  own: fc.option(fc.constant('m1'), { nil: undefined }),
  reader: fc.constantFrom('alice', 'bob'),
})

describe('an entry on its way to devices', () => {
  it('is the same as JSON and as the end of a frame, and only its sender sees the id it gave', () => {
    fc.assert(
      fc.property(event, ({ kind, text, own, reader }) => {
        const entry = new EntryEvent(entryOf(kind, own, { content: { text } }))
        const json = entry.json(reader)
        expect(Buffer.from(entry.frameEnd(reader)).toString()).toBe(`${json}}`)
        const update = entry.update(reader) as { content: object; clientMessageId?: string }
        expect(update).toMatchObject({ kind, conversation: 'c', seq: 7, content: { text } })
        expect(update.clientMessageId).toBe(kind === 'message' && reader === 'alice' ? own : undefined)
      }),
    )
  })

  it('is encoded once for all who are no sender of it', () => {
    const entry = new EntryEvent(entryOf('message', 'm1', { content: { text: 'hello' } }))
    expect(entry.frameEnd('bob')).toBe(entry.frameEnd('carol'))
    expect(entry.json('bob')).toBe(entry.json('carol'))
  })
})
