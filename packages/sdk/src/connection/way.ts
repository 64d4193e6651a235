import type { ConversationId, UserId } from '@parley/protocol'
import type { Sender } from '../outbox/sender.ts'

/** An open way to the server, both directions. */
export interface Way extends Sender {
  read(conversation: ConversationId, seq: number): Promise<void>
  /** Nothing of these is answered; a way that cannot carry them drops them. */
  typing(conversation: ConversationId, state: 'typing' | 'recording' | 'idle'): void
  presence(status: 'active' | 'away', watch: UserId[], unwatch: UserId[]): void
}
