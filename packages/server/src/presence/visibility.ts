import type { ConversationId, UserId, UserSettings } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

/** What presence asks of the user and conversation services. */
export interface PresenceLookups {
  settings(user: UserId): Promise<UserSettings>
  blockedBetween(a: UserId, b: UserId): boolean | Promise<boolean>
  conversationsOf(user: UserId): Promise<ConversationId[]>
}

const remembered = 50_000
/** Milliseconds for which it is believed that two users share a conversation, or do not. */
const believed = 30_000

/** Who may see whether somebody is there: those who share a conversation, unless blocked or excluded by privacy. */
export class Visibility {
  readonly #lookups
  readonly #clock
  #shared = new Lru<string, { shares: boolean; until: number }>(remembered)

  constructor(lookups: PresenceLookups, clock: Clock) {
    this.#lookups = lookups
    this.#clock = clock
  }

  async maySee(viewer: UserId, user: UserId): Promise<boolean> {
    if (viewer === user) return true
    if (await this.#lookups.blockedBetween(viewer, user)) return false
    const { lastSeen = 'everyone' } = await this.#lookups.settings(user)
    if (lastSeen === 'nobody') return false
    return this.#share(viewer, user)
  }

  async #share(a: UserId, b: UserId): Promise<boolean> {
    const key = a < b ? `${a} ${b}` : `${b} ${a}`
    const known = this.#shared.get(key)
    const now = this.#clock.monotonic()
    if (known && known.until > now) return known.shares
    const [ofA, ofB] = await Promise.all([this.#lookups.conversationsOf(a), this.#lookups.conversationsOf(b)])
    const inA = new Set(ofA)
    const shares = ofB.some((conversation) => inA.has(conversation))
    this.#shared.set(key, { shares, until: now + believed })
    return shares
  }
}
