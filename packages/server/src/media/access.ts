import type { UserId } from '@parley/protocol'
import type { ConversationStore } from '../conversations/conversation-store.ts'
import { notFound } from '../lib/errors.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import { mayReadHistory } from '../log/fold.ts'
import type { Carriers } from './carriers.ts'
import type { MediaCatalogue } from './media-catalogue.ts'
import type { MediaReference, MediaReferences } from './media-references.ts'
import type { CompleteMedia } from './media-view.ts'

const page = 100

/** Who may read media: its owner, and whoever may read a message that carries it, or see the profile whose picture it is. */
export class MediaAccess {
  readonly #catalogue
  readonly #references
  readonly #carriers
  readonly #states
  readonly #store

  constructor(deps: {
    catalogue: MediaCatalogue
    references: MediaReferences
    carriers: Carriers
    states: Pick<ConversationStates, 'current'>
    store: Pick<ConversationStore, 'conversationsOf' | 'hidden'>
  }) {
    this.#catalogue = deps.catalogue
    this.#references = deps.references
    this.#carriers = deps.carriers
    this.#states = deps.states
    this.#store = deps.store
  }

  /** @throws not_found also for what the user may not know of (rule C4) */
  async readable(user: UserId, id: string): Promise<CompleteMedia> {
    const media = await this.#catalogue.find(id)
    if (media?.state !== 'complete') throw notFound('media')
    if (media.owner === user || (await this.#isShown(user, id))) return media
    throw notFound('media')
  }

  async #isShown(user: UserId, id: string): Promise<boolean> {
    let own: ReadonlySet<string> | undefined
    for (let after = ''; ; ) {
      const references = await this.#references.of(id, after, page)
      if (references.length === 0) return false
      own ??= new Set(await this.#store.conversationsOf(user))
      for (const reference of references) {
        const { conversation } = reference
        if (conversation !== undefined && !own.has(conversation)) continue
        if (await this.#showsTo(user, reference)) return true
      }
      if (references.length < page) return false
      after = references.at(-1)?.by ?? after
    }
  }

  async #showsTo(user: UserId, reference: MediaReference): Promise<boolean> {
    const place = await this.#carriers.place(reference)
    if (!place) return false
    const { conversation } = reference
    if (conversation === undefined) return true
    const { seq } = place
    const state = await this.#states.current(conversation, seq)
    if (!state?.isPresent(user)) return false
    if (seq === undefined) return true
    if (!mayReadHistory(state.record, user, seq)) return false
    return (await this.#store.hidden(user, conversation, seq, seq)).length === 0
  }
}
