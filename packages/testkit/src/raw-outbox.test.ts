import { describe, expect, it } from 'vitest'
import { type Outgoing, RawOutbox } from './raw-outbox.ts'

function make() {
  const sent: string[] = []
  const stored: string[] = []
  const outbox = new RawOutbox((outgoing) => sent.push(outgoing.clientMessageId))
  const add = (conversation: string, clientMessageId: string): Outgoing => {
    const settle = () => stored.push(clientMessageId)
    const outgoing = { conversation, clientMessageId, content: { text: 'x' }, inFlight: false, settle }
    outbox.add(outgoing)
    return outgoing
  }
  return { sent, stored, outbox, add }
}

describe('RawOutbox', () => {
  it('keeps messages until there is a connection, and sends all again over the next', () => {
    const { sent, stored, outbox, add } = make()
    const [a] = [add('c', 'a'), add('c', 'b')]
    expect(sent).toEqual([])
    outbox.opened()
    outbox.stored(a)
    outbox.closed()
    add('c', 'd')
    outbox.opened()
    expect(sent).toEqual(['a', 'b', 'b', 'd'])
    expect(stored).toEqual(['a'])
    expect(outbox.size).toBe(2)
  })

  it('D3: after a refusal all of that conversation wait for each other and go again in order', async () => {
    const { sent, outbox, add } = make()
    outbox.opened()
    const [a, b] = [add('c', 'a'), add('c', 'b')]
    outbox.refused(a)
    add('c', 'd')
    add('other', 'x')
    expect(sent).toEqual(['a', 'b', 'x'])
    outbox.refused(b)
    await expect.poll(() => sent).toEqual(['a', 'b', 'x', 'a', 'b', 'd'])
    add('c', 'e')
    expect(sent.at(-1)).toBe('e')
  })
})
