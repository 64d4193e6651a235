import type { PresenceFrame, TypingFrame } from '@parley/protocol'
import type { PresenceService } from '../../presence/presence-service.ts'
import type { Typing } from '../../presence/typing.ts'
import type { FrameLimits } from '../frame-limits.ts'
import type { Session } from '../session.ts'

/** `presence` and `typing`: never stored, dropped first. */
export class PresenceHandler {
  readonly #presence
  readonly #typing
  readonly #limits

  constructor(presence: PresenceService, typing: Typing, limits: FrameLimits) {
    this.#presence = presence
    this.#typing = typing
    this.#limits = limits
  }

  opened(session: Session): void {
    this.#presence.opened(session)
  }

  closed(session: Session): void {
    this.#presence.closed(session)
  }

  typing(session: Session, { conversation, state }: TypingFrame): void {
    // Over the limit it is dropped without a word: nobody waits for it.
    if (this.#limits.refusal(session, 'typing', conversation)) return
    void this.#typing.typing(session.user, conversation, state).catch(() => {})
  }

  handle(session: Session, { status, watch, unwatch }: PresenceFrame): void {
    const refusal = this.#limits.refusal(session, 'presence', undefined)
    if (refusal) throw refusal
    session.background = status === 'away'
    this.#presence.setStatus(session, status)
    this.#presence.watch(session, watch ?? [], unwatch ?? [])
  }
}
