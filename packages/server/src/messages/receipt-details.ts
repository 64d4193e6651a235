import type { UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { ConversationService } from '../conversations/conversations.ts'
import { AppError, notFound } from '../lib/errors.ts'
import type { ConversationLog } from '../log/conversation-log.ts'
import { mayReadHistory } from '../log/fold.ts'
import { receiversOf } from './history.ts'
import type { ReceiptStore } from './receipt-store.ts'
import { reachedAt } from './rendering.ts'

export interface MemberReceiptTimes {
  user: UserId
  deliveredAt?: number
  seenAt?: number
}

/** Who had a message when: told to its author. */
export class ReceiptDetails {
  readonly #conversations
  readonly #log
  readonly #store

  constructor(conversations: ConversationService, log: ConversationLog, store: ReceiptStore) {
    this.#conversations = conversations
    this.#log = log
    this.#store = store
  }

  async of({ user }: Identity, conversation: string, seq: number): Promise<MemberReceiptTimes[]> {
    const state = await this.#conversations.stateFor(user, conversation)
    const [entry] = await this.#log.read(conversation, { after: seq - 1, before: seq + 1, limit: 1 })
    if (entry?.kind !== 'message' || !mayReadHistory(state.record, user, seq)) throw notFound('message')
    if (entry.sender !== user) throw new AppError('forbidden', 'Only the author may see who read a message.')
    const watermarks = await this.#store.firstCovering(conversation, seq)
    return receiversOf(state, entry).map((receiver) => {
      const own = watermarks.filter((watermark) => watermark.user === receiver)
      return { user: receiver, ...reachedAt(seq, [receiver], own) }
    })
  }
}
