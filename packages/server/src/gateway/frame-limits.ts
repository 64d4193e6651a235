import type { ConversationId, UserId } from '@parley/protocol'
import { AppError } from '../lib/errors.ts'
import { networkOf } from './client-address.ts'
import type { LimitBy } from './http/route.ts'
import type { RateLimiter, RateRule } from './rate-limiter.ts'
import type { Session } from './session.ts'

/** Kinds of frames that are limited. */
export type LimitedFrame = 'send' | 'amend' | 'read' | 'typing' | 'presence'

export type FrameRules = Readonly<Record<LimitedFrame, readonly (RateRule & { name: string; by: LimitBy })[]>>

/** True when it is at hand that `user` is in the conversation. Only members use up what a conversation may do. */
export type IsMember = (conversation: ConversationId, user: UserId) => boolean

/** Rate limits of socket frames; the same counters as those of the routes that do the same. */
export class FrameLimits {
  readonly #limiter
  readonly #rules
  readonly #isMember

  constructor(limiter: RateLimiter, rules: FrameRules, isMember: IsMember) {
    this.#limiter = limiter
    this.#rules = rules
    this.#isMember = isMember
  }

  /** The error to answer with, or undefined when the frame may pass. A limiter that needs time lets it pass. */
  refusal(session: Session, frame: LimitedFrame, conversation: ConversationId | undefined): AppError | undefined {
    for (const rule of this.#rules[frame]) {
      const key = this.#keyOf(rule.by, session, conversation)
      const wait = key === undefined ? 0 : this.#limiter.take(rule, rule.name, key)
      if (typeof wait === 'number' && wait > 0) {
        return new AppError('rate_limited', 'Too many in a short time.', { retryAfter: Math.ceil(wait) })
      }
    }
    return undefined
  }

  #keyOf(by: LimitBy, session: Session, conversation: ConversationId | undefined): string | undefined {
    switch (by) {
      case 'address':
        return networkOf(session.address)
      case 'user':
        return session.user
      case 'device':
        return session.device
      case 'conversation':
        return conversation !== undefined && this.#isMember(conversation, session.user) ? conversation : undefined
    }
  }
}
