import type { ConversationId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { OwnView } from '../conversations/own-view.ts'
import type { Receipts } from './receipts.ts'

/** Reading up to a message: my unread goes down on all my devices, and authors get their receipts. */
export class ReadService {
  readonly #ownView
  readonly #receipts

  constructor(ownView: OwnView, receipts: Receipts) {
    this.#ownView = ownView
    this.#receipts = receipts
  }

  async read(identity: Identity, conversation: ConversationId, seq: number): Promise<void> {
    const read = await this.#ownView.read(identity, conversation, seq)
    this.#receipts.read(identity.user, conversation, read)
  }
}
