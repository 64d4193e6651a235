import type { Content, ConversationId, ErrorCode, MessageId, Position, Update, UserId } from '@parley/protocol'
import type { Via } from './connection/state.ts'

/**
 * What a device does, told to `ClientOptions.observe` in the order in which it happens: for checks of whole
 * histories, and for logs. `session` numbers the connections of a client.
 */
export type Observation =
  | { type: 'hello'; session: number; via: Via; cursor: Position | null }
  | { type: 'welcome'; session: number; cursor: Position; resume: 'ok' | 'reset' }
  | { type: 'event'; session: number; pos: Position; update: Update }
  /** The server says that the backlog ends here. */
  | { type: 'live'; session: number; pos: Position }
  | { type: 'acked'; session: number; pos: Position }
  /** Told before it leaves; again for each time that it does. */
  | {
      type: 'sent'
      via: Via
      conversation: ConversationId
      clientMessageId: string
      content: Content
      replyTo?: number
      mentions?: UserId[]
    }
  | { type: 'ok'; conversation: ConversationId; clientMessageId: string; seq: number; id: MessageId; duplicate?: true }
  | { type: 'refused'; conversation: ConversationId; clientMessageId: string; code: ErrorCode }
  /** An entry is in the store. */
  | { type: 'applied'; conversation: ConversationId; seq: number }
  /** What was stored was dropped (rule Y4). */
  | { type: 'reset' }
  /** A conversation as the inbox shows it: entries up to `head` are not due as events (rule Y1). */
  | { type: 'baseline'; conversation: ConversationId; head: number }
  /** A message was seen in a page of the history. */
  | { type: 'fetched'; conversation: ConversationId; seq: number }
  | { type: 'read'; conversation: ConversationId; seq: number }

export type Observe = (observation: Observation) => void
