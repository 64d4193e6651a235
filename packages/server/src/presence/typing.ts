import type { ConversationId, DownFrame, TypingFrame, UserId } from '@parley/protocol'
import type { Clock } from '../lib/clock.ts'
import { Lru } from '../lib/lru.ts'

/** What typing asks of conversations. */
export interface TypingLookups {
  /** Members present, or undefined when `user` is not one of them. */
  membersFor(conversation: ConversationId, user: UserId): Promise<readonly UserId[] | undefined>
  /** A block between the two of a direct conversation. */
  blocked(conversation: ConversationId, user: UserId): Promise<boolean>
}

/** Milliseconds within which the same state of the same user in a conversation is told once. */
const throttle = 1000
const remembered = 20_000

/** Typing, recording, idle: told to the other members who are connected, kept nowhere. */
export class Typing {
  readonly #clock
  readonly #lookups
  readonly #broadcast
  #told = new Lru<string, { state: TypingFrame['state']; at: number }>(remembered)

  constructor(clock: Clock, lookups: TypingLookups, broadcast: (users: readonly UserId[], frame: DownFrame) => void) {
    this.#clock = clock
    this.#lookups = lookups
    this.#broadcast = broadcast
  }

  async typing(user: UserId, conversation: ConversationId, state: TypingFrame['state']): Promise<void> {
    const key = `${conversation} ${user}`
    const now = this.#clock.monotonic()
    const last = this.#told.get(key)
    if (last?.state === state && now - last.at < throttle) return
    this.#told.set(key, { state, at: now })
    const members = await this.#lookups.membersFor(conversation, user)
    if (!members || (await this.#lookups.blocked(conversation, user))) return
    const others = members.filter((member) => member !== user)
    this.#broadcast(others, { t: 'typing', conversation, user, state })
  }
}
