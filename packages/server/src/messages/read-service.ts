import type { ConversationId, UserId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { OwnView } from '../conversations/own-view.ts'
import type { Receipts } from './receipts.ts'

/** Reading up to a message: my unread goes down on all my devices, and authors get their receipts. */
export class ReadService {
  readonly #ownView
  readonly #receipts
  readonly #noted

  /** `noted`: told of everything that was read. */
  constructor(
    ownView: OwnView,
    receipts: Receipts,
    noted: (user: UserId, conversation: ConversationId, read: number) => void = () => {},
  ) {
    this.#ownView = ownView
    this.#receipts = receipts
    this.#noted = noted
  }

  async read(identity: Identity, conversation: ConversationId, seq: number): Promise<void> {
    const read = await this.#ownView.read(identity, conversation, seq)
    this.#receipts.read(identity.user, conversation, read)
    this.#noted(identity.user, conversation, read)
  }
}
