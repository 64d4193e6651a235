import type { ConversationId, UserId, UserSettings } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

/** What presence asks of the user and conversation services. */
export interface PresenceLookups {
  settings(user: UserId): Promise<UserSettings>
  blockedBetween(a: UserId, b: UserId): boolean | Promise<boolean>
  conversationsOf(user: UserId): Promise<ConversationId[]>
}

interface Known {
  at: number
  conversations: Promise<ReadonlySet<ConversationId>>
}

const remembered = 5000

/** Who may see whether somebody is there: those who share a conversation, unless blocked or excluded by privacy. */
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
        return !ofViewer.isDisjointFrom(ofUser)
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
