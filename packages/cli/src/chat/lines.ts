import type { Conversation, OutboxItem } from '@parley/client'
import type { Message } from '@parley/protocol'
import type { ChatLine } from './screen.ts'

export const titleOf = ({ title, peer }: Conversation): string => title ?? peer?.displayName ?? 'Direct chat'

/** A message as the chat shows it. */
export function lineOf(message: Message, own: boolean, name: string): ChatLine {
  const { seq, sentAt, deletedAt, deliveredAt, seenAt, editedAt, content, reactions = {} } = message
  const text = deletedAt === undefined ? textOf(content) : 'This message was deleted.'
  const mark = !own ? '' : seenAt !== undefined ? '✓✓ read' : deliveredAt !== undefined ? '✓✓' : '✓'
  const reacted = Object.entries(reactions).map(([emoji, users]) => `${emoji}${users.length > 1 ? users.length : ''}`)
  const note = [editedAt === undefined ? '' : 'edited', ...reacted].filter((part) => part !== '').join(' ')
  return { seq, own, name, time: timeOf(sentAt), text, mark, note }
}

/** What waits in the outbox; nothing for what is not a message. */
export function pendingLine(item: OutboxItem): ChatLine[] {
  if (item.kind !== 'send') return []
  return [{ seq: undefined, own: true, name: '', time: '', text: textOf(item.content), mark: '…', note: '' }]
}

const timeOf = (at: number): string => new Date(at).toTimeString().slice(0, 5)

function textOf(content: object): string {
  const { text, location, contact } = content as {
    text?: string
    location?: { name?: string }
    contact?: { name: string }
  }
  if (text !== undefined) return text
  if (location) return `[place] ${location.name ?? ''}`
  if (contact) return `[contact] ${contact.name}`
  return '[a message that this client cannot show]'
}
