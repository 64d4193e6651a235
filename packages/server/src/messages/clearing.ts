import type { ConversationId } from '@parley/protocol'
import type { Identity } from '../accounts/identity.ts'
import type { OwnView } from '../conversations/own-view.ts'
import type { ReadService } from './read-service.ts'

/** Emptying a conversation for oneself (rules F6, F7). */
export class Clearing {
  readonly #ownView
  readonly #reads

  constructor(ownView: OwnView, reads: ReadService) {
    this.#ownView = ownView
    this.#reads = reads
  }

  async clear(identity: Identity, conversation: ConversationId, upTo: number): Promise<void> {
    // First: what is gone must not stay unread.
    await this.#reads.read(identity, conversation, upTo)
    await this.#ownView.clear(identity, conversation, upTo)
  }
}
