import type { OutboxItem } from '@parley/client'
import type { Message } from '@parley/protocol'
import type { RefusedSend } from '../../client/refused-sends.ts'
import type { Attachment } from '../../media/attachment.ts'

type PendingSend = Extract<OutboxItem, { kind: 'send' }>

/** A line of the list of messages. `key` stays the same while a message goes from the outbox to the log. */
export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  /** `first`, `last`: of those that one person said in a row. */
  | { kind: 'message'; key: string; message: Message; first: boolean; last: boolean }
  | { kind: 'pending'; key: string; item: PendingSend }
  | { kind: 'refused'; key: string; refused: RefusedSend }
  | { kind: 'upload'; key: string; attachment: Attachment }

/** ms within which what somebody says stands together. */
const together = 5 * 60_000

/** `unreadFrom`: the divider stands before the first message of others behind it. */
export function rowsOf(parts: {
  items: readonly Message[]
  pending: readonly OutboxItem[]
  refused: readonly RefusedSend[]
  uploads: readonly Attachment[]
  me: string
  unreadFrom: number | undefined
}): Row[] {
  const { items, pending, refused, uploads, me, unreadFrom } = parts
  const rows: Row[] = []
  let divided = unreadFrom === undefined
  items.forEach((message, index) => {
    const before = items[index - 1]
    const after = items[index + 1]
    const newDay = !before || !sameDay(before.sentAt, message.sentAt)
    if (newDay) rows.push({ kind: 'day', key: `day ${dayOf(message.sentAt)}`, at: message.sentAt })
    const divides = !divided && message.seq > (unreadFrom ?? 0) && message.sender !== me
    if (divides) {
      rows.push({ kind: 'unread', key: 'unread' })
      divided = true
    }
    rows.push({
      kind: 'message',
      key: message.clientMessageId ?? message.id,
      message,
      first: newDay || divides || !standTogether(before, message),
      last: !after || !standTogether(message, after),
    })
  })
  for (const item of pending) if (item.kind === 'send') rows.push({ kind: 'pending', key: item.clientMessageId, item })
  // By the name that its message will have: nothing moves when it is sent.
  const waiting = new Set(pending.map(({ clientMessageId }) => clientMessageId))
  for (const attachment of uploads) {
    if (!waiting.has(attachment.id)) rows.push({ kind: 'upload', key: attachment.id, attachment })
  }
  for (const one of refused) rows.push({ kind: 'refused', key: `refused ${one.item.clientMessageId}`, refused: one })
  return rows
}

function standTogether(a: Message, b: Message): boolean {
  return a.sender === b.sender && b.sentAt - a.sentAt < together && sameDay(a.sentAt, b.sentAt)
}

const dayOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0)
const sameDay = (a: number, b: number): boolean => dayOf(a) === dayOf(b)
