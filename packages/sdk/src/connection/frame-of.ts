import type { UpFrame } from '@parley/protocol'
import type { OutboxItem } from '../store/records.ts'

/** The frame that asks for what an outbox item wants. */
export function frameOf(item: OutboxItem, ref: number): UpFrame {
  const { conversation, clientMessageId } = item
  switch (item.kind) {
    case 'send': {
      const { content, replyTo, mentions } = item
      const extras = { ...(replyTo !== undefined && { replyTo }), ...(mentions && { mentions }) }
      return { t: 'send', ref, conversation, clientMessageId, content, ...extras }
    }
    case 'edit':
      return { t: 'edit', ref, conversation, seq: item.seq, content: item.content, clientMessageId }
    case 'delete':
      return { t: 'delete', ref, conversation, seq: item.seq, for: item.for, clientMessageId }
    case 'react':
      return { t: 'react', ref, conversation, seq: item.seq, emoji: item.emoji, clientMessageId }
  }
}
