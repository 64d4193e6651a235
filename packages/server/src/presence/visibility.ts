import type { ConversationId, UserId, UserSettings } from '@parley/protocol'
import { isDirectId } from '../conversations/direct-id.ts'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

/** What presence asks of the user and conversation services. */
export interface PresenceLookups {
  settings(user: UserId): Promise<UserSettings>
  blockedBetween(a: UserId, b: UserId): boolean | Promise<boolean>
  conversationsOf(user: UserId): Promise<ConversationId[]>
  /** Messages in a direct conversation: by both together, and by `user`. */
  messagesIn(direct: ConversationId, user: UserId): Promise<{ all: number; own: number }>
}

interface Known {
  at: number
  conversations: Promise<ReadonlySet<ConversationId>>
}

const remembered = 5000

/**
 * Who may see whether somebody is there: those who share a conversation, unless blocked or excluded by privacy.
 * Anybody may open a direct conversation with anybody: it is shared once something was said in it, and makes a contact
 * of the other one only when the one who is watched has written.
 */
export class Visibility {
  readonly #lookups
  readonly #clock
  #known = new Lru<UserId, Known>(remembered)

  constructor(lookups: PresenceLookups, clock: Clock) {
    this.#lookups = lookups
    this.#clock = clock
  }

  /**
   * Those of `users` that `viewer` may see. Lists of conversations that were read in the last `believed` ms are used
   * again, so that what is asked for many watchers at once is read once; with 0 all are read.
   */
  async seenBy(viewer: UserId, users: readonly UserId[], believed: number): Promise<UserId[]> {
    const lists = new Map<UserId, Known['conversations']>()
    const conversationsOf = (user: UserId): Known['conversations'] => {
      const list = lists.get(user) ?? this.#conversationsOf(user, believed)
      lists.set(user, list)
      return list
    }
    const allowed = await Promise.all(users.map((user) => this.#maySee(viewer, user, conversationsOf)))
    return users.filter((_, index) => allowed[index])
  }

  async #maySee(
    viewer: UserId,
    user: UserId,
    conversationsOf: (user: UserId) => Known['conversations'],
  ): Promise<boolean> {
    if (viewer === user) return true
    if (await this.#lookups.blockedBetween(viewer, user)) return false
    const { lastSeen = 'everyone' } = await this.#lookups.settings(user)
    switch (lastSeen) {
      case 'nobody':
        return false
      // `everyone` is everyone who shares a conversation too: nobody else is ever told.
      case 'everyone':
      case 'contacts': {
        const [ofViewer, ofUser] = await Promise.all([conversationsOf(viewer), conversationsOf(user)])
        const shared = [...ofViewer.intersection(ofUser)]
        if (shared.some((conversation) => !isDirectId(conversation))) return true
        const [direct] = shared
        if (direct === undefined) return false
        const { all, own } = await this.#lookups.messagesIn(direct, user)
        return (lastSeen === 'contacts' ? own : all) > 0
      }
    }
  }

  #conversationsOf(user: UserId, believed: number): Known['conversations'] {
    const now = this.#clock.monotonic()
    const known = this.#known.get(user)
    if (known && now - known.at < believed) return known.conversations
    const conversations = this.#lookups.conversationsOf(user).then((list) => new Set(list))
    this.#known.set(user, { at: now, conversations })
    conversations.catch(() => this.#known.delete(user))
    return conversations
  }
}
