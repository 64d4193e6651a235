import type { OutboxItem } from '@parley/client'
import type { Message } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { rowsOf } from './rows.ts'

const noon = new Date(2026, 10, 24, 12).getTime()
const message = (seq: number, sender: string, sentAt = noon): Message => ({
  conversation: 'c',
  seq,
  id: String(seq),
  sender,
  device: 'd',
  sentAt,
  content: { text: `${seq}` },
})
const none = { pending: [], refused: [], uploads: [], me: 'me', unreadFrom: undefined }

describe('rows of a conversation', () => {
  it('a day begins with its date, and what somebody says in a row stands together', () => {
    const items = [message(1, 'a', noon - 86_400_000), message(2, 'a'), message(3, 'a', noon + 1000), message(4, 'b')]
    const rows = rowsOf({ ...none, items })
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'message', 'day', 'message', 'message', 'message'])
    const said = rows.filter((row) => row.kind === 'message')
    expect(said.map(({ first, last }) => [first, last])).toEqual([
      [true, true],
      [true, false],
      [false, true],
      [true, true],
    ])
  })

  it('the divider stands before the first unread message of somebody else, once', () => {
    const items = [message(1, 'a'), message(2, 'me'), message(3, 'a'), message(4, 'a')]
    const kinds = rowsOf({ ...none, items, unreadFrom: 1 }).map((row) =>
      row.kind === 'message' ? row.message.seq : row.kind,
    )
    expect(kinds).toEqual(['day', 1, 2, 'unread', 3, 4])
    expect(rowsOf({ ...none, items, unreadFrom: 4 }).some(({ kind }) => kind === 'unread')).toBe(false)
  })

  it('a message keeps its key from the outbox to the log', () => {
    const item = { kind: 'send', clientMessageId: 'x', conversation: 'c', content: { text: 'x' } } as OutboxItem
    const [waiting] = rowsOf({ ...none, items: [], pending: [item] })
    const sent = rowsOf({ ...none, items: [{ ...message(1, 'me'), clientMessageId: 'x' }] }).at(-1)
    expect(sent?.key).toBe(waiting?.key)
  })
})
