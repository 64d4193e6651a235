import type { ConversationId, DeviceId, Message, UserId } from '@parley/protocol'
import type { ConnectionState } from './connection/state.ts'
import type { Conversation } from './model/view.ts'
import type { OutboxItem } from './store/records.ts'

/** What a client tells (`client.on`). Entries and receipts are in the store when they are told. */
export interface ClientEvents {
  /** A message of anybody was applied, once. It is not told for pages of the history. */
  message: Message
  /** A message changed: edited, deleted, reacted to, starred, delivered, seen; `message` is undefined when it was hidden for me. */
  update: { conversation: ConversationId; seq: number; message: Message | undefined }
  /** Everything up to `upTo` is gone for me, from the store too (rule F6). */
  cleared: { conversation: ConversationId; upTo: number }
  /** A conversation is new, or its title, members, settings, unread or last message changed. */
  conversation: Conversation
  /** Members got or read more of my messages. */
  receipts: { conversation: ConversationId; user: UserId; delivered: number; read: number }
  presence: { user: UserId; status: 'online' | 'away' | 'offline'; lastOnline?: number }
  typing: { conversation: ConversationId; user: UserId; state: 'typing' | 'recording' | 'idle' }
  /** A device of mine came or went. */
  device: { added?: DeviceId; removed?: DeviceId; at: number }
  state: ConnectionState
  /** Something is to be sent, is done (`seq`, except for a deletion for me), or was refused (`error`). */
  outbox: { item: OutboxItem; seq?: number; error?: Error }
  /** Everything stored was dropped and read again (rule Y4). */
  reset: { reason: 'fresh' | 'reset' }
  /** What nobody asked for by a call went wrong: the store failed, the server sent something unreadable. */
  error: Error
}
