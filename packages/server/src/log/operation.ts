import type { ConversationId, DeviceId, MessageId, UserId } from '@parley/protocol'
import type { AppError } from '../lib/errors.ts'
import type { ConversationState } from './conversation-state.ts'
import type { EntryKind } from './entry.ts'

/** What an operation wants to append, decided on a state of the conversation. */
export interface Draft {
  kind: EntryKind
  /** As `Entry.body`. */
  body: string
}

/** Nothing to append: what was asked for is so already. */
export const nothingToDo = 'nothing-to-do'

export interface Appended {
  conversation: ConversationId
  seq: number
  id: MessageId
  at: number
  /** True when an earlier try had stored it (rule D2). */
  duplicate: boolean
}

/** Something a user does to a conversation that ends in an entry of its log. */
export interface Operation {
  sender: UserId
  device: DeviceId
  /** With a fingerprint: the operation takes effect once, however often it is asked for (rule D2). */
  clientMessageId: string | undefined
  /** SHA-256 in hex of what was asked for. */
  fingerprint: string | undefined
  /** Bytes it adds to a batch, roughly. */
  size: number
  /**
   * Checks the operation on the conversation as it is at the head that the entry will follow, and drafts it.
   * A promise makes the lane wait: nothing is appended between the decision and the entry. May be asked again on a
   * newer state. Throws AppError to refuse.
   */
  decide(state: ConversationState): Draft | typeof nothingToDo | Promise<Draft | typeof nothingToDo>
  /** Called once, in the order of submission within a conversation. Undefined: nothing was to be done. */
  settle(outcome: Appended | AppError | undefined): void
}
