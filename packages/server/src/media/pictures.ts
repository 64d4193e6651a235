import type { ConversationId, UserId } from '@parley/protocol'
import type { Directory } from '../accounts/directory.ts'
import { invalid } from '../lib/errors.ts'
import type { ConversationStates } from '../log/conversation-states.ts'
import type { Attachments } from './attachments.ts'
import type { Carrier } from './carriers.ts'

type Change = <T>(media: string | null | undefined, change: () => Promise<T>) => Promise<T>

/** Changes of profiles and conversations, as far as they change their pictures. */
export interface ChangesPictures {
  ofUser<T>(user: UserId, media: string | null | undefined, change: () => Promise<T>): Promise<T>
  ofConversation<T>(
    user: UserId,
    conversation: ConversationId,
    media: string | null | undefined,
    change: () => Promise<T>,
  ): Promise<T>
}

/** Pictures of users and conversations: images that stay while somebody has them. @throws not_found, invalid */
export class Pictures implements ChangesPictures {
  readonly #attachments
  readonly #directory
  readonly #states

  constructor(deps: { attachments: Attachments; directory: Directory; states: Pick<ConversationStates, 'get'> }) {
    this.#attachments = deps.attachments
    this.#directory = deps.directory
    this.#states = deps.states
  }

  async ofUser<T>(user: UserId, media: string | null | undefined, change: () => Promise<T>): Promise<T> {
    if (media === undefined) return change()
    const [account] = await this.#directory.accounts([user])
    return this.#change(user, { kind: 'user', user }, account?.avatar)(media, change)
  }

  async ofConversation<T>(
    user: UserId,
    conversation: ConversationId,
    media: string | null | undefined,
    change: () => Promise<T>,
  ): Promise<T> {
    if (media === undefined) return change()
    const state = await this.#states.get(conversation)
    return this.#change(user, { kind: 'conversation', conversation }, state?.record.avatar)(media, change)
  }

  #change(user: UserId, carrier: Carrier, before: string | undefined): Change {
    return async (media, change) => {
      if (media !== undefined && media !== null) {
        const { type } = await this.#attachments.attach(user, media, carrier)
        if (!type?.startsWith('image/')) throw invalid('avatar', 'A picture is an image.')
      }
      const changed = await change()
      if (media !== undefined && media !== null) await this.#attachments.attached(media, carrier, undefined)
      if (before !== undefined && before !== media) await this.#attachments.replaced(before, carrier)
      return changed
    }
  }
}

/** A server without media: what stands there is nobody's business. */
export const noPictures: ChangesPictures = {
  ofUser: (_user, _media, change) => change(),
  ofConversation: (_user, _conversation, _media, change) => change(),
}
